// "Explain this number" opens beside the page; without scripts the same link is a page of its own.
export function startPanel() {
  const panel = document.getElementById('panel')
  if (!panel) return
  document.addEventListener('click', async (event) => {
    const link = event.target.closest('a[data-explain]')
    if (!link || event.metaKey || event.ctrlKey || event.shiftKey) return
    event.preventDefault()
    const answer = await fetch(link.href, { headers: { 'HX-Request': 'true' } }).catch(() => null)
    if (!answer?.ok || answer.headers.has('HX-Redirect')) {
      location.assign(link.href)
      return
    }
    panel.innerHTML = await answer.text()
    panel.showModal()
  })
  panel.addEventListener('click', (event) => {
    if (event.target === panel || event.target.closest('[data-close]')) panel.close()
  })
}
