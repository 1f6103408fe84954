# bash completion for bullpenctl: commands, options, accounts and groups of the home in question.
# Installed as /usr/share/bash-completion/completions/bullpenctl, or sourced from ~/.bashrc.

_bullpenctl_names() {
    # The list comes from the status board and takes a millisecond.
    bullpenctl "$@" list 2>/dev/null
    bullpenctl "$@" list --groups 2>/dev/null | sed 's/$/:/'
}

_bullpenctl() {
    local current previous command="" i
    local -a home=()
    COMPREPLY=()
    current=${COMP_WORDS[COMP_CWORD]}
    previous=${COMP_WORDS[COMP_CWORD - 1]}
    # A colon breaks words in bash; put GROUP: together again.
    declare -F __ltrim_colon_completions >/dev/null && _get_comp_words_by_ref -n : cur prev 2>/dev/null &&
        current=$cur previous=$prev

    for ((i = 1; i < COMP_CWORD; i++)); do
        case ${COMP_WORDS[i]} in
            -H | --home) home=(--home "${COMP_WORDS[i + 1]}") && ((i++)) ;;
            --home=*) home=("${COMP_WORDS[i]}") ;;
            -t | --timeout | --color | --host | --key | --server-key) ((i++)) ;;
            -*) ;;
            *) [[ -z $command ]] && command=${COMP_WORDS[i]} ;;
        esac
    done

    local commands="status list explain top health pid events alerts tail logs maintail start stop restart
        signal clear halt reduce flatten resume job payout rolling-restart reread update add remove rename enable disable config check credentials trades pnl report replay compare
        backtest indicators init calendar import state migrate backup restore
        remote version upgrade shutdown cleanup help"
    local options="--home --host --key --server-key --json --timeout --color --help --version"

    case $previous in
        --data | --csv | --html | --report | --trades | --quarters | --sessions)
            COMPREPLY=($(compgen -f -- "$current"))
            return
            ;;
        -H | --home)
            COMPREPLY=($(compgen -d -- "$current"))
            return
            ;;
        --measure)
            COMPREPLY=($(compgen -W "net expectancy profit_factor sharpe sortino calmar drawdown" -- "$current"))
            return
            ;;
        --key)
            COMPREPLY=($(compgen -f -- "$current"))
            return
            ;;
        --right)
            COMPREPLY=($(compgen -W "read operate" -- "$current"))
            return
            ;;
        --user)
            COMPREPLY=($(compgen -u -- "$current"))
            return
            ;;
        --host | --server-key) return ;;
        --color)
            COMPREPLY=($(compgen -W "auto always never" -- "$current"))
            return
            ;;
        -t | --timeout | -n | --lines | -i | --interval) return ;;
    esac

    if [[ -z $command ]]; then
        COMPREPLY=($(compgen -W "$commands $options" -- "$current"))
        return
    fi

    case $command in
        status) options+=" --risk --owners --wide" ;;
        list) options+=" --groups" ;;
        top) options+=" --interval" ;;
        tail | maintail) options+=" --follow --lines --raw" ;;
        events) options+=" --follow --lines" ;;
        alerts) options+=" --account --for --reason --to --lines" ;;
        check) options+=" --audit" ;;
        resume) options+=" --no-wait --restart-floor" ;;
        start | stop | restart | clear | halt | reduce | flatten | rolling-restart) options+=" --no-wait" ;;
        update) options+=" --dry-run" ;;
        job) options+=" --dry-run --no-wait --lines" ;;
        remove) options+=" --purge --yes --flat" ;;
        rename) options+=" --flat" ;;
        config) options+=" --origin --files" ;;
        trades) options+=" --from --to --lines --csv" ;;
        pnl) options+=" --from --to --csv" ;;
        report) options+=" --from --to --html" ;;
        replay) options+=" --until --lines" ;;
        explain) options+=" --account" ;;
        indicators)
            options+=" --data --instrument --csv --quarters --sessions --from --to --zone --labels --date-order --contract"
            ;;
        compare) options+=" --data --from --to --zone --labels --date-order --contract" ;;
        backtest)
            options+=" --data --strategy --instrument --set --from --to --zone --labels --date-order --contract --calendar --report --trades
                --sweep --walk-forward --measure --jobs --lines"
            ;;
        calendar)
            options+=" --days --account --ics --reason --by --expires --until --tz --title --importance --currency --dry-run --force"
            ;;
        credentials) options+=" --expires" ;;
        backup) options+=" --keep" ;;
        restore) options+=" --user --dry-run --yes" ;;
        remote) options+=" --right" ;;
        state)
            options+=" --own --gtt --no-gtt --traded --product --delete --shape --accept --dry-run"
            ;;
        migrate) options+=" --dry-run --yes --stopped --accept --holdings --orders" ;;
        import) options+=" --dry-run --yes --stopped --only --command --links" ;;
        shutdown) options+=" --keep-workers --no-wait" ;;
    esac
    if [[ $current == -* ]]; then
        COMPREPLY=($(compgen -W "$options" -- "$current"))
        return
    fi

    local words=""
    case $command in
        status | list | explain | top | health | pid | events | logs | enable | disable | remove | rename)
            words=$(_bullpenctl_names "${home[@]}")
            ;;
        tail) words="$(bullpenctl "${home[@]}" list 2>/dev/null) log stdio audit performance" ;;
        maintail) words="audit" ;;
        start | stop | restart | clear | halt | reduce | flatten | resume | rolling-restart)
            words="all $(_bullpenctl_names "${home[@]}")"
            ;;
        signal)
            words="TERM HUP INT QUIT KILL USR1 USR2 STOP CONT ABRT"
            [[ $previous != signal ]] && words="all $(_bullpenctl_names "${home[@]}")"
            ;;
        config)
            words="show"
            [[ $previous != config ]] && words=$(bullpenctl "${home[@]}" list 2>/dev/null)
            ;;
        calendar) words="list today next show sources coverage export add move cancel set-importance undo ack market-closed early-close special-session hours refresh" ;;
        credentials)
            words="set list remove verify rotate unlock"
            [[ $previous != credentials ]] && words="all $(bullpenctl "${home[@]}" list 2>/dev/null)"
            ;;
        job)
            words="run list history"
            [[ $previous == run || $previous == list || $previous == history ]] && words=$(bullpenctl "${home[@]}" list 2>/dev/null)
            [[ $previous != job && $previous != run && $previous != list && $previous != history ]] && words="daily_summary retention"
            ;;
        alerts)
            words="list history outbox test mute unmute mutes secret"
            [[ $previous == test ]] && words="command webhook smtp"
            [[ $previous == secret ]] && words="webhook smtp"
            [[ $previous == mute || $previous == unmute || $previous == history ]] &&
                words="all started shut_down crashed hang crash_loop fatal daemon_down entry exit slippage position_open_long adoption reconcile_mismatch order_error unprotected flatten_failed loss_warning limit_reached max_trades kill_switch mode_changed trading_resumed connection_error feed_stale token opposite_positions calendar disk settings_problem job_failed alarm daily_summary recap alerts_held_back alerts_lost test"
            ;;
        help) words=$commands ;;
        trades | pnl | report | replay | compare | payout)
            words=$(bullpenctl "${home[@]}" list 2>/dev/null)
            ;;
        backtest | indicators)
            COMPREPLY=($(compgen -f -- "$current"))
            return
            ;;
        state)
            words="show set remove reset-day session export import"
            case $previous in
                state) ;;
                show | set | remove | reset-day | session | export | import)
                    words=$(bullpenctl "${home[@]}" list 2>/dev/null)
                    ;;
                *)
                    COMPREPLY=($(compgen -f -- "$current"))
                    return
                    ;;
            esac
            ;;
        remote) words="keygen allow revoke list" ;;
        migrate)
            if [[ $previous == migrate ]]; then
                words="split verify rollback"
            else
                COMPREPLY=($(compgen -f -- "$current"))
                return
            fi
            ;;
        import)
            if [[ $previous == import ]]; then
                words="futures-bot equity-bot"
            else
                COMPREPLY=($(compgen -d -- "$current"))
                return
            fi
            ;;
        init | backup | restore)
            COMPREPLY=($(compgen -d -- "$current"))
            return
            ;;
    esac
    COMPREPLY=($(compgen -W "$words" -- "$current"))
    declare -F __ltrim_colon_completions >/dev/null && __ltrim_colon_completions "$current"
}

complete -F _bullpenctl bullpenctl
