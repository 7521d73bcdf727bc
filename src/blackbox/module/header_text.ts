/** What may stand in a header. */
export const isHeaderText = (text: string): boolean => /^[\t\x20-\x7e\u0080-\uffff]*$/.test(text)

/** What may stand in the header Host. */
export const isHost = (text: string): boolean => /^[^\s/?#@\\]+$/.test(text) && URL.canParse(`http://${text}`)
