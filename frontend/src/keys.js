import { toggleRow } from './rows.js'
import { toggleTables } from './tables.js'

const SEQUENCE_MS = 1200
let prefix = null
let prefixAt = 0

function typing(target) {
  return target.closest('input, textarea, select, [contenteditable]')
}

function go(letter) {
  document.querySelector(`a[data-go="${letter}"]`)?.click()
}

function move(step) {
  const rows = [...document.querySelectorAll('tr[data-row]')]
  const here = rows.findIndex((row) => row.contains(document.activeElement))
  const next = rows[Math.min(rows.length - 1, Math.max(0, here + step))]
  next?.querySelector('a:not([data-expand])')?.focus()
  next?.scrollIntoView({ block: 'nearest' })
}

function search() {
  const field = document.querySelector('[data-search]')
  if (field) {
    field.closest('details')?.setAttribute('open', '')
    field.focus()
  } else document.querySelector('a[data-search-link]')?.click()
}

const SINGLE = {
  '?': () => document.getElementById('keys')?.showModal(),
  '/': search,
  t: toggleTables,
  f: () => document.querySelector('details[data-add-filter] > summary')?.click(),
  o: () => toggleRow(document.activeElement.closest('tr[data-row]')),
  j: () => move(1),
  k: () => move(-1),
}

function press(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return
  if (prefix === 'g' && Date.now() - prefixAt < SEQUENCE_MS) go(event.key)
  else if (SINGLE[event.key]) {
    event.preventDefault()
    SINGLE[event.key]()
  }
  prefix = prefix === 'g' ? null : event.key
  prefixAt = Date.now()
}

export function startKeys() {
  document.addEventListener('keydown', press)
  for (const button of document.querySelectorAll('[data-keys]')) {
    button.addEventListener('click', SINGLE['?'])
  }
}
