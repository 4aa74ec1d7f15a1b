// Long lists of repositories: find by name, choose all that are shown. Without scripts the list is simply long.

function count(rows, status) {
  const shown = rows.filter((row) => !row.hidden)
  const chosen = rows.filter((row) => row.querySelector('[name=repository]').checked)
  status.textContent = `${shown.length} shown, ${chosen.length} chosen`
}

export function startChoosing() {
  for (const form of document.querySelectorAll('[data-choose]')) {
    const rows = [...form.querySelectorAll('[data-name]')]
    const tools = form.querySelector('[data-choose-tools]')
    const status = tools.querySelector('[role=status]')
    tools.hidden = false
    tools.querySelector('[type=search]').addEventListener('input', (event) => {
      const words = event.target.value.toLowerCase().split(/\s+/).filter(Boolean)
      for (const row of rows) row.hidden = !words.every((word) => row.dataset.name.includes(word))
      count(rows, status)
    })
    tools.querySelector('[data-choose-all]').addEventListener('change', (event) => {
      for (const row of rows.filter((each) => !each.hidden)) row.querySelector('[name=repository]').checked = event.target.checked
      count(rows, status)
    })
    tools.addEventListener('keydown', (event) => {
      if (event.key === 'Enter') event.preventDefault()
    })
    form.addEventListener('change', () => count(rows, status))
    count(rows, status)
  }
}
