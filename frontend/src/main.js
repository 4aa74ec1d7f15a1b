import 'htmx.org'
import './styles/app.css'
import { startDetails } from './menus.js'
import { startKeys } from './keys.js'
import { startPanel } from './panel.js'
import { startTables } from './tables.js'
import { startTimes } from './times.js'
import { startTheme } from './theme.js'
import { startChoosing } from './choose.js'
import { startCopyLink } from './copy.js'

startTheme()
startTimes()
startDetails()
startPanel()
startTables()
startChoosing()
startCopyLink()
startKeys()
