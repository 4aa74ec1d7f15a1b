// A row of the list opens in place; without scripts the same link leads to the page of its pull request.
async function open(link, row) {
  const answer = await fetch(link.href, { headers: { 'HX-Request': 'true' } }).catch(() => null)
  if (!answer?.ok || answer.headers.has('HX-Redirect')) {
    location.assign(link.href)
    return
  }
  const part = document.createElement('tr')
  part.className = 'opened'
  part.innerHTML = `<td colspan="${row.cells.length}">${await answer.text()}</td>`
  if (link.getAttribute('aria-expanded') === 'true') row.after(part)
}

export function toggleRow(row) {
  const link = row?.querySelector('a[data-expand]')
  if (!link) return
  const opens = link.getAttribute('aria-expanded') !== 'true'
  link.setAttribute('aria-expanded', String(opens))
  if (opens) open(link, row)
  else if (row.nextElementSibling?.classList.contains('opened')) row.nextElementSibling.remove()
}

export function startRows() {
  document.addEventListener('click', (event) => {
    const link = event.target.closest('a[data-expand]')
    if (!link || event.metaKey || event.ctrlKey || event.shiftKey) return
    event.preventDefault()
    toggleRow(link.closest('tr'))
  })
}
