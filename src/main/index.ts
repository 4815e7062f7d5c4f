/** Entry of the desktop shell. */
import { app } from 'electron';

app.quit();
