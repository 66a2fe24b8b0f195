# shellcheck shell=bash disable=SC2207
# Made by: gearbox help --print bash
_gearbox() {
  local words='' before="${COMP_WORDS[COMP_CWORD-1]}"
  local word="${COMP_WORDS[COMP_CWORD]}"
  if [ "$COMP_CWORD" -eq 1 ]; then
    words='sql explain verify engines help --help --version'
  else
    case "${COMP_WORDS[1]}" in
    sql) words='--file --table --param --format --output --engine --engine-option --memory --threads --timeout --stats --json --quiet --no-opaque --no-cache --no-fallback --verify --help ' ;;
    explain) words='--file --table --param --engine --engine-option --memory --threads --sql --json --quiet --no-opaque --help ' ;;
    verify) words='--engines --engine-option --file --table --param --memory --threads --timeout --tolerance --no-opaque --json --quiet --help ' ;;
    engines) words='--json --quiet --help ' ;;
    help) words='--print --json --quiet --help ' ;;
    esac
  fi
  case "$before" in
    --format) words='table csv json jsonl arrow parquet' ;;
    --print) words='man bash zsh fish' ;;
  esac
  COMPREPLY=($(compgen -W "$words" -- "$word"))
}
complete -o default -F _gearbox gearbox
