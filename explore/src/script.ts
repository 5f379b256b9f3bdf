import { run } from './page'

run()
