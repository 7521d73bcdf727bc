const extensions =
  /\.(?:txt|html?|css|js|mjs|json|xml|ico|gif|png|jpe?g|svg|webp|woff2?|ttf|eot|map|pdf|zip|mp4)$/i

/** Is this the URL or path of a file that IIS serves itself, going by its name? */
export function isStatic(url: string): boolean {
  const [path = ''] = url.split(/[?#]/)
  return extensions.test(path.replace(/^https?:\/\/[^/]*/i, ''))
}
