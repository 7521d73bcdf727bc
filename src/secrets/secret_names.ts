/** Headers and query parameters that carry secrets, by the words people name them with. */
const secretWord = /auth|cookie|token|secret|pass|pwd|session|credential|sign|key|^sig$/i

export const namesSecret = (name: string): boolean => secretWord.test(name)
