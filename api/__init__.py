"""Topics to MySQL and to browsers: recorder and store, broadcaster and hub, history over HTTP."""
