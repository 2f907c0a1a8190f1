// Starts the program without a page from the server: it reads what this browser has kept.
const { glue, wasm } = document.documentElement.dataset;
const program = await import(glue);
await program.default({ module_or_path: wasm });
if (!await program.start_offline()) document.getElementById('never').hidden = false;
