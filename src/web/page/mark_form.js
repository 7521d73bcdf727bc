/** Writes on the timeline: what somebody did, so that next month can be compared with before. */
import { send, wordsOf } from './api.js'
import { h, write } from './dom.js'

/** A form that marks now; `target` may be undefined. */
export function createMarkForm(farm, target) {
  const said = h('p', { class: 'said', role: 'status' })
  const text = h('input', {
    name: 'text',
    required: true,
    maxlength: 500,
    placeholder: 'Set AlwaysRunning, rebooted, …',
    'aria-label': 'What was done',
    autocomplete: 'off',
  })
  const button = h('button', { type: 'submit' }, 'Mark now')
  const form = h('form', { class: 'mark-form' }, text, button, said)
  form.addEventListener('submit', async (event) => {
    event.preventDefault()
    button.disabled = true
    try {
      await send('/api/v1/marks', { text: text.value, farm, target })
      text.value = ''
      write(said, 'Marked.')
    } catch (error) {
      write(said, wordsOf(error))
    }
    button.disabled = false
  })
  return form
}
