# The front door. `make run` and `make test` are all a stranger needs.
export RAPPORT_TOOLS ?= $(CURDIR)/.tools
TARGET ?= $(if $(CARGO_TARGET_DIR),$(CARGO_TARGET_DIR),target)
TOOL = $(TARGET)/debug/rapport-tools
ARGS ?=

.PHONY: run demo dev build test attack walks bench seed tools need clean

run: build ## Build what changed and serve on http://127.0.0.1:3000
	@exec $(TARGET)/dist/rapport serve $(ARGS)

demo: build ## The same with sample data in ./data-demo
	@exec $(TARGET)/dist/rapport demo --data data-demo $(ARGS)

build: tools ## One binary, assets inside: target/dist/rapport
	@if command -v npm >/dev/null && { [ ! -x end2end/node_modules/.bin/wasm-opt ] || [ ! -x end2end/node_modules/.bin/esbuild ]; }; then echo "Installing npm packages"; (cd end2end && npm ci --silent --no-fund --no-audit) || true; fi
	@$(TOOL) build --release --server dist
	@[ "$(TARGET)" = target ] || { mkdir -p target/dist && cp -u $(TARGET)/dist/rapport target/dist/rapport; }

dev: tools ## Watch and rebuild (debug build on port 3000)
	@./end2end/dev.sh $(TOOL) $(TARGET)

test: ## Everything, ends with "N passed, N failed, N skipped"
	@./end2end/test.sh

attack: ## Kill, cut, fill and break in, with many rounds (ATTACK=long), on this machine alone
	@./end2end/attack.sh

walks: build ## Replay the walks of end2end/walks and take their pictures
	@node end2end/walks/run.mjs $(TARGET)/dist/rapport $(ARGS)

bench: build ## Print figures and write docs/bench.md
	@./end2end/bench/bench.sh

seed: need ## Fill a workspace with made-up records: make seed ARGS="--data data --workspace NAME --size 10k" (or 300k)
	@cargo run -q --profile dist -p store --example seed -- $(ARGS)

tools: need
	@[ -x $(TOOL) ] || echo "Compiling the build tools (some two minutes), then the front end, then the server"
	@cargo build -q -p tools

need:
	@command -v cargo >/dev/null || { echo "Rust is missing. Install it with: curl https://sh.rustup.rs -sSf | sh"; exit 1; }
	@command -v cc >/dev/null || { echo "A C compiler is missing. Install it with: apt-get install gcc (Debian) or xcode-select --install (macOS)"; exit 1; }

clean: ## Remove what was built; ./data stays
	rm -rf dist target .tools
