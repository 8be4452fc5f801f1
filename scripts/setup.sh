# Shared by scripts/demo and scripts/check (sourced, not run): installs what is missing, configures, builds.
# Works on a bare Debian 12 as root or with sudo. When nothing is missing apt is not called, so a second run is quick.

build_packages=(g++ cmake ninja-build pkg-config re2c lemon libfmt-dev libcli11-dev libutf8proc-dev libgmp-dev
  libedit-dev libpcre2-dev libssl-dev zlib1g-dev libuv1-dev libopenmpi-dev)
test_packages=(libgtest-dev python3 openmpi-bin)

say() { printf '\n== %s\n' "$*" >&2; }

is_installed() {
  [ "$(dpkg-query -W -f='${Status}' "$1" 2>/dev/null)" = "install ok installed" ]
}

# install_missing PACKAGE...
install_missing() {
  command -v dpkg-query >/dev/null && command -v apt-get >/dev/null || return 0  # not Debian: the configure step says what is missing
  local missing=() package
  for package in "$@"; do
    is_installed "$package" || missing+=("$package")
  done
  [ ${#missing[@]} -gt 0 ] || return 0
  local as_root=()
  [ "$(id -u)" -eq 0 ] || as_root=(sudo)
  say "Installing ${missing[*]}"
  "${as_root[@]}" apt-get update -q >&2
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "${missing[@]}" >&2
}

# build PRESET [CMAKE-ARGUMENT...]
build() {
  local preset=$1 log="build/$1.configure.log"
  shift
  mkdir -p build
  say "Building $preset"
  if ! cmake --preset "$preset" "$@" >"$log" 2>&1; then
    cat "$log" >&2
    return 1
  fi
  cmake --build --preset "$preset" >&2
}
