/** The page gets uPlot from beside its own scripts: src/web/page_files.ts serves it there from its package. */
declare module '*/uPlot.esm.js' {
  export { default } from 'uplot'
}
