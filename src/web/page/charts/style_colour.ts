/** A colour of style/colours.css by its name, for drawing on a canvas; it follows light and dark. */
export const styleColour = (name: string): string =>
  getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim()
