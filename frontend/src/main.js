import 'htmx.org'
import './styles/app.css'
import { startDetails } from './menus.js'
import { startKeys } from './keys.js'
import { startPanel } from './panel.js'
import { startTables } from './tables.js'
import { startTimes } from './times.js'
import { startRows } from './rows.js'
import { startTheme } from './theme.js'
import { startChoosing } from './choose.js'
import { startBusy } from './busy.js'
import { startCopyLink } from './copy.js'

startTheme()
startTimes()
startDetails()
startPanel()
startRows()
startTables()
startChoosing()
startBusy()
startCopyLink()
startKeys()
