// Every figure has a table behind it: the button (or the key t) shows it instead of the drawing.
function show(figure, asTable) {
  figure.classList.toggle('as-table', asTable)
  const button = document.querySelector(`[data-twin="${figure.id}"]`)
  button?.setAttribute('aria-pressed', String(asTable))
}

export function toggleTables() {
  const figures = [...document.querySelectorAll('.figure')]
  const asTable = figures.some((figure) => !figure.classList.contains('as-table'))
  for (const figure of figures) show(figure, asTable)
}

export function startTables() {
  document.addEventListener('click', (event) => {
    const button = event.target.closest('[data-twin]')
    const figure = button && document.getElementById(button.dataset.twin)
    if (figure) show(figure, !figure.classList.contains('as-table'))
  })
}
