// The server reads the cookie, so the first paint already has the right theme; this only spares a reload.
const YEAR_SECONDS = 31536000

function chosen() {
  const named = document.documentElement.dataset.theme
  if (named) return named
  return matchMedia('(prefers-color-scheme: dark)').matches ? 'tformance-dark' : 'tformance'
}

export function startTheme() {
  for (const form of document.querySelectorAll('form[data-theme-switch]')) {
    form.addEventListener('submit', (event) => {
      event.preventDefault()
      const next = chosen() === 'tformance' ? 'tformance-dark' : 'tformance'
      document.documentElement.dataset.theme = next
      document.cookie = `theme=${next}; path=/; max-age=${YEAR_SECONDS}; samesite=lax`
    })
  }
}
