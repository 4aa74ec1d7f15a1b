// A form that asks a provider takes a moment: its button says so and does not send twice. Coming back frees it again.

function free(form) {
  for (const button of form.querySelectorAll('[aria-busy]')) {
    button.removeAttribute('aria-busy')
    button.disabled = false
  }
}

export function startBusy() {
  document.addEventListener('submit', (event) => {
    const { target: form, submitter } = event
    if (event.defaultPrevented || form.method !== 'post' || !submitter) return
    // After the browser has collected what is sent, the pressed button's own value among it.
    setTimeout(() => {
      submitter.setAttribute('aria-busy', 'true')
      submitter.disabled = true
    })
  })
  addEventListener('pageshow', (event) => {
    if (event.persisted) document.querySelectorAll('form').forEach(free)
  })
}
