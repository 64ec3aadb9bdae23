#!/bin/sh
# Sees to the programs the tests start by themselves: Redis, PostgreSQL, Chromium with a Chinese font, node, strace,
# ffmpeg, nginx with its RTMP module.
# On Debian with root or passwordless sudo it installs what is missing; elsewhere it says what will be left out.
# With CI=true leaving anything out is a failure. Starts nothing.
set -eu
cd "$(dirname "$0")/.."

have() { command -v "$1" >/dev/null 2>&1; }
have_file() { for f in "$@"; do [ -x "$f" ] && return 0; done; return 1; }

have_redis() { have redis-server; }
have_postgres() {
    { have initdb && have postgres; } ||
        have_file /usr/lib/postgresql/*/bin/initdb /opt/homebrew/opt/postgresql*/bin/initdb \
            /usr/local/opt/postgresql*/bin/initdb
}
have_chromium() {
    [ -n "${CHROMIUM:-}" ] || have chromium || have chromium-browser || have google-chrome ||
        have_file "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome" \
            /Applications/Chromium.app/Contents/MacOS/Chromium
}
have_font() {
    [ "$(uname -s)" = Darwin ] && return 0
    [ -n "$(ls -d /usr/share/fonts/opentype/noto/*CJK* /usr/share/fonts/truetype/wqy/* 2>/dev/null)" ] && return 0
    have fc-list && [ -n "$(fc-list :lang=zh 2>/dev/null | head -n 1)" ]
}
have_node() { have node; }
have_rtmp() { [ "$(uname -s)" = Darwin ] || [ -e /usr/lib/nginx/modules/ngx_rtmp_module.so ]; }
have_ffmpeg() { have ffmpeg && have ffprobe; }
have_strace() { [ "$(uname -s)" = Darwin ] || have strace; }

missing() {
    have_redis || echo redis-server
    have_postgres || echo postgresql
    have_chromium || echo chromium
    have_font || echo fonts-noto-cjk
    have_node || echo nodejs
    have_strace || echo strace
    have_ffmpeg || echo ffmpeg
    have_rtmp || echo libnginx-mod-rtmp
}

wanted=$(missing)
if [ -n "$wanted" ] && have apt-get; then
    # Unquoted on purpose: one word per package.
    sh scripts/debian.sh $wanted || true
    wanted=$(missing)
fi
[ -n "$wanted" ] || exit 0

for package in $wanted; do
    case "$package" in
        redis-server) echo "Left out: tests marked redis, because there is no redis-server here." ;;
        postgresql) echo "Left out: tests marked postgres, because there is no PostgreSQL server here." ;;
        chromium) echo "Left out: tests marked browser, because there is no Chromium or Chrome here." ;;
        fonts-noto-cjk) echo "Left out: looks at Chinese text in pages, because there is no Chinese font here." ;;
        nodejs) echo "Left out: tests that run page scripts under node, because there is no node here." ;;
        ffmpeg) echo "Left out: tests with an encoder, because there is no ffmpeg here." ;;
        libnginx-mod-rtmp) echo "Left out: tests of RTMP, because there is no nginx with its RTMP module here." ;;
        strace) echo "Left out: tests that watch system calls, because there is no strace here." ;;
    esac
done
if [ "${CI:-}" = true ]; then
    echo "With CI=true nothing may be left out." >&2
    exit 1
fi
