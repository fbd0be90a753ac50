# Names the scripts, so that `just` lists them and completes their names. A recipe passes its arguments on;
# what a script does it says itself: `just test --help`.

set positional-arguments

[private]
default:
    @just --list --unsorted

# the tests: `just test quick` is the inner loop
test *arguments:
    scripts/test "$@"

# form, types and linters of Python, JavaScript and shell, and the words of all; --fix corrects
lint *arguments:
    scripts/lint "$@"

# the benchmarks
bench *arguments:
    scripts/bench "$@"

# the long runs
soak *arguments:
    scripts/soak "$@"

# the fuzz targets under libFuzzer
fuzz *arguments:
    scripts/fuzz "$@"

# changes to the core that no test may miss
mutants *arguments:
    scripts/mutants "$@"

# the npm package
build-wasm *arguments:
    scripts/build-wasm "$@"

# the functions for AWS
build-lambda *arguments:
    scripts/build-lambda "$@"

# the edge's bundles
build-edge *arguments:
    scripts/build-edge "$@"

# the pages that say what programs say
make-docs *arguments:
    scripts/make-docs "$@"

# the documentation as a book
build-book *arguments:
    scripts/build-book "$@"

# what a release needs that only its maker knows
release-check *arguments:
    scripts/release-check "$@"

# a stack on AWS
deploy *arguments:
    scripts/deploy "$@"
