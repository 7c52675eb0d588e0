# Shared by tools/quickstart and tools/test: what both do first. Sourced by bash with the root of the tree as current folder.

say() { printf '%s\n' "$*" >&2; }
die() { say "$0: $*"; exit 1; }

# Does this Debian have a package of that name?
package_known() { apt-cache show --no-all-versions "$1" >/dev/null 2>&1; }
package_there() { dpkg-query -W -f='${db:Status-Status}' "$1" 2>/dev/null | grep -qx installed; }

# Prints the packages of the sections given that are not there. A line with several names gives the first that is known.
packages_missing() {
    local section='' line names name command wanted
    while IFS= read -r line; do
        line=${line%%#*}
        case $line in
        '['*) section=${line#[}; section=${section%%]*}; continue ;;
        esac
        [ -n "${line// /}" ] || continue
        case " $* " in *" $section "*) ;; *) continue ;; esac
        command=''
        case $line in *' unless '*) command=${line##* unless }; command=${command// /}; line=${line%% unless *} ;; esac
        [ -n "$command" ] && command -v "$command" >/dev/null 2>&1 && continue
        IFS='|' read -ra names <<<"${line// /}"
        wanted=''
        for name in "${names[@]}"; do
            package_there "$name" && { wanted=''; continue 2; }
        done
        for name in "${names[@]}"; do
            package_known "$name" && { wanted=$name; break; }
        done
        printf '%s\n' "${wanted:-${names[0]}}"
    done <tools/packages.txt
}

# install_packages SECTION...: by name from Debian's registry, as root or by sudo.
install_packages() {
    local missing sudo=''
    missing=$(packages_missing "$@")
    [ -n "$missing" ] || return 0
    command -v apt-get >/dev/null || die "this is not Debian: install yourself what tools/packages.txt lists"
    [ "$(id -u)" = 0 ] || { command -v sudo >/dev/null || die "run as root or install sudo: packages are missing"; sudo=sudo; }
    $sudo apt-get update -qq || die "apt-get update failed: is there a network?"
    missing=$(packages_missing "$@") # again: now the lists are there
    say "installing: $(echo $missing)"
    $sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >/tmp/drumtower-apt.$$ 2>&1 || {
        tail -n 20 /tmp/drumtower-apt.$$ >&2
        die "apt-get install failed, see above"
    }
    rm -f /tmp/drumtower-apt.$$
}

# configure BUILD [meson options]: once; later calls only set the options. Two runs in one tree wait for each other.
configure() {
    local build=$1
    shift
    mkdir -p "$build"
    exec 9>"$build/.lock"
    flock 9
    if [ -f "$build/build.ninja" ]; then
        meson configure "$build" "$@" >/dev/null
    else
        meson setup "$build" "$@" >/dev/null || { meson setup "$build" "$@" >&2; die "meson setup failed, see above"; }
    fi
}

compile() {
    local build=$1
    shift
    say "compiling into $build"
    ninja -C "$build" "$@" >"$build/compile.log" 2>&1 || { grep -E -A12 'error|FAILED' "$build/compile.log" | head -n 60 >&2; die "the build failed, see $build/compile.log"; }
    exec 9>&-
}

# The real data of the tests, where it is.
export DRUMTOWER_TEST_DATA=${DRUMTOWER_TEST_DATA:-$(cd .. && pwd)/shared/data}
