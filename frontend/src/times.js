// Pages speak in the team's time zone; the tooltip adds the reader's own.
export function startTimes() {
  document.addEventListener('mouseover', (event) => {
    const time = event.target.closest?.('time[datetime]')
    if (!time || time.dataset.own) return
    const own = new Date(time.dateTime).toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'short' })
    time.title = [time.title, `your time: ${own}`].filter(Boolean).join('; ')
    time.dataset.own = 'said'
  })
}
