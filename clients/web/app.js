/** The page begins here: the shell builds everything else. */
import "./ui/shell.js";
