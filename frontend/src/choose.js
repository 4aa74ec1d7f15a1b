// Long lists of repositories: find by name, choose all that are shown, or all that are active. Without scripts the list is simply long.

const box = (row) => row.querySelector('[name=repository]')

export function startChoosing() {
  for (const form of document.querySelectorAll('[data-choose]')) startChoosingIn(form)
}

function startChoosingIn(form) {
  const rows = [...form.querySelectorAll('[data-name]')]
  const tools = form.querySelector('[data-choose-tools]')
  const all = tools.querySelector('[data-choose-all]')
  const shown = () => rows.filter((row) => !row.hidden)

  function count() {
    const chosen = shown().filter((row) => box(row).checked).length
    all.checked = chosen > 0 && chosen === shown().length
    all.indeterminate = chosen > 0 && !all.checked
    form.querySelector('[data-choose-none]').hidden = shown().length > 0
    const total = rows.filter((row) => box(row).checked).length
    tools.querySelector('[role=status]').textContent = `${shown().length} shown, ${total} chosen`
  }

  tools.querySelector('[type=search]').addEventListener('input', (event) => {
    const words = event.target.value.toLowerCase().split(/\s+/).filter(Boolean)
    for (const row of rows) row.hidden = !words.every((word) => row.dataset.name.includes(word))
    count()
  })
  all.addEventListener('change', () => {
    for (const row of shown()) box(row).checked = all.checked
    count()
  })
  tools.querySelector('[data-choose-active]').addEventListener('click', () => {
    for (const row of rows) box(row).checked ||= 'active' in row.dataset
    count()
  })
  tools.addEventListener('keydown', (event) => {
    if (event.key === 'Enter' && event.target.type === 'search') event.preventDefault()
  })
  form.addEventListener('change', count)
  // Coming back, the browser restores the boxes after this has run.
  addEventListener('pageshow', count)
  tools.hidden = false
  count()
}
