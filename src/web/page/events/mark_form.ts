/** Writes a mark: a note of what somebody did, so that the time after it can be compared with the time before. */
import { useState } from 'preact/hooks'
import { html, type Markup } from '../markup.ts'
import { messageOf, postMark } from '../state/api_client.ts'

export function MarkForm({ farm, target }: { farm: string | undefined; target: string | undefined }): Markup {
  const [result, setResult] = useState('')
  const [isSending, setIsSending] = useState(false)
  const send = async (event: SubmitEvent) => {
    event.preventDefault()
    const form = event.currentTarget as HTMLFormElement
    const text = new FormData(form).get('text') as string
    setIsSending(true)
    try {
      await postMark({ text, farm, target })
      form.reset()
      setResult('Marked.')
    } catch (error) {
      setResult(messageOf(error))
    }
    setIsSending(false)
  }
  return html`
    <form class="mark-form" onSubmit=${send}>
      <input name="text" required maxlength="500" placeholder="Set AlwaysRunning, rebooted, …"
        aria-label="What was done" autocomplete="off" />
      <button type="submit" disabled=${isSending}>Mark now</button>
      <p class="result" role="status">${result}</p>
    </form>`
}
