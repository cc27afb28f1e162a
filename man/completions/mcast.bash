# bash completion for mcast-send, mcast-receive, mcast-status and mcast-agent. It needs
# nothing of the bash-completion package and may be sourced by itself.

_mcast() {
    local current=${COMP_WORDS[COMP_CWORD]-} previous='' word='' used=' ' prefix=''
    local awaiting='' ended=''  # the option whose value comes next; whether -- was there
    local glued='' group=''     # whether the next word goes on with this one; the first positional
    local -i index positional=0
    local -a candidates=() options=()
    COMPREPLY=()

    # NAME: takes the next word as its value, NAME= a value only after '='.
    case ${1##*/} in
    mcast-send) options=(--duration: -t: --ttl: --hop-limit: --size: -s: --rate: -r: --dscp: --source: -S: --no-loopback
        --interface: -i: --port: -p: --count: -c: --groups: --name: --agent= --detach --delete --quiet -q --json) ;;
    mcast-receive) options=(--source: -S: --igmp-version: -v: --mld-version: --no-force --duration: -t: --stall-timeout:
        --fail-on-loss= --fail-on-stall --fail-on-interruption: --fail-on-hops: --fail-on-remark --expect:
        --interface: -i: --port: -p: --count: -c: --groups: --name: --agent=
        --detach --delete --quiet -q --json --events) ;;
    mcast-status) options=(--all -a --interface: -i: --watch -w --why: --for: --verbose -v --port: -p: --agent= --json) ;;
    mcast-agent) options=(--config.file: --config.check --web.listen-address: --web.config.file: --api.socket:
        --api.socket-group: --host-name: --log.level:) ;;
    esac
    options+=(--help -h --version)

    # What the words before the cursor make of the one under it. The shell may have split
    # --name=value into three words, and an IPv6 address at its colons.
    for ((index = 1; index < COMP_CWORD; index++)); do
        word=${COMP_WORDS[index]-}
        if [[ $word =~ ^:+$ ]]; then
            glued=yes awaiting=''
            [[ $positional != 1 ]] || group+=$word
        elif [[ -n $glued ]]; then
            glued=''
        elif [[ -z $ended && $word == '=' && $previous == --* ]]; then
            awaiting=$previous
        elif [[ -n $awaiting ]]; then
            awaiting=''
        elif [[ -z $ended && $word == -- ]]; then
            ended=yes
        elif [[ -z $ended && $word == -?* ]]; then
            [[ $word == --web.listen-address ]] || used+="$word "  # this one may be repeated
            [[ " ${options[*]} " != *" $word: "* ]] || awaiting=$word
        else
            positional+=1
            [[ $positional != 1 ]] || group=$word
        fi
        previous=$word
    done
    # The rest of an address only a person knows.
    [[ -z $glued && ! $current =~ ^:+$ ]] || return 0
    if [[ -z $ended && $current == '=' && $previous == --* ]]; then
        awaiting=$previous current=''
    elif [[ -z $ended && -z $awaiting && $current == --*=* ]]; then
        awaiting=${current%%=*} prefix=${current%%=*}= current=${current#*=}
    fi

    if [[ -n $awaiting ]]; then
        case $awaiting in
        --interface | -i)  # of this network namespace; compgen -W would expand what a name holds
            for word in /proc/sys/net/ipv4/conf/*; do
                [[ -d $word && $word != */@(all|default) ]] && candidates+=("${word##*/}")
            done ;;
        --dscp)
            candidates=(be cs0 cs1 af11 af12 af13 cs2 af21 af22 af23 cs3 af31 af32 af33 cs4 af41 af42 af43
                cs5 ef cs6 cs7)
            current=${current,,} ;;
        --igmp-version | -v) candidates=(1 2 3) ;;
        --mld-version) candidates=(1 2) ;;
        --log.level) candidates=(debug info warn error) ;;
        --agent | --config.file | --web.config.file | --api.socket)
            mapfile -t candidates < <(compgen -f -- "$current")
            compopt -o filenames 2> /dev/null ;;  # a '/' after folders
        esac
    elif [[ -z $ended && $current == -* ]]; then
        for word in "${options[@]%:}"; do
            [[ $used == *" ${word%=} "* ]] || candidates+=("${word%=}")
            [[ $used == *" ${word%=} "* || $word != *= ]] || candidates+=("$word")
        done
    elif [[ $positional == 2 && ${1##*/} == mcast-receive ]]; then
        candidates=(1 2)
        [[ $group == *:* ]] || candidates+=(3)  # MLD has two versions
    fi
    for word in "${candidates[@]}"; do
        [[ $word == "$current"* ]] && COMPREPLY+=("$prefix$word")
    done
    return 0
}
complete -F _mcast mcast-send mcast-receive mcast-status mcast-agent
