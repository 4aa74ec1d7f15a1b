// <details class="choice"> are the menus: they work without this; here they close like menus do.
const MENUS = 'details.choice[open], details.org[open]'

function closeAllBut(kept) {
  for (const menu of document.querySelectorAll(MENUS)) if (menu !== kept) menu.open = false
}

export function startDetails() {
  document.addEventListener('click', (event) => closeAllBut(event.target.closest(MENUS)))
  document.addEventListener('keydown', (event) => {
    const open = document.querySelector(MENUS)
    if (event.key !== 'Escape' || !open) return
    open.open = false
    open.querySelector('summary').focus()
  })
  document.addEventListener('input', (event) => {
    if (!event.target.matches('[data-menu-find]')) return
    const words = event.target.value.toLowerCase().split(/\s+/).filter(Boolean)
    for (const group of event.target.closest('.menu').querySelectorAll('[data-group]')) {
      const links = [...group.querySelectorAll('a')]
      for (const link of links) link.hidden = !words.every((word) => link.dataset.words.includes(word))
      group.hidden = links.every((link) => link.hidden)
    }
  })
  document.addEventListener('htmx:afterSwap', (event) => event.target.querySelector?.('[data-menu-find]')?.focus())
  document.addEventListener('toggle', (event) => {
    if (event.target.matches?.(MENUS)) event.target.querySelector('input:not([type=hidden])')?.focus()
  }, true)
}
