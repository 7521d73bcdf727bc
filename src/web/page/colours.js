/** A colour of the style sheet, for drawing on a canvas; it follows light and dark. */
export const colour = (name) =>
  getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim()
