const SHOWN_MS = 2000

function say(text) {
  const toast = document.createElement('div')
  toast.className = 'toast'
  toast.setAttribute('role', 'status')
  document.body.append(toast)
  toast.textContent = text
  setTimeout(() => toast.remove(), SHOWN_MS)
}

export function startCopyLink() {
  document.addEventListener('click', async (event) => {
    if (!event.target.closest('[data-copy-link]')) return
    await navigator.clipboard.writeText(location.href).then(
      () => say('Link copied'),
      () => say('Copying is not allowed here: take the link from the address bar'),
    )
  })
}
