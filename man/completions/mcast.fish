# fish completion for mcast-send, mcast-receive, mcast-status and mcast-agent. The options are those
# that --help of the command lists, so that this file need not know them.

# "  -t, --duration SECONDS  Text" -> --duration and -t, with the text.
function __mcast_options
    set -l command (commandline -opc)[1]
    $command --help 2>/dev/null | while read -l line
        # What an option takes is a word; the text begins behind two blanks, or on the next line.
        set -l parts (string match -rg '^\s{2,6}((?:-\w, ?)?--[\w.-]+)(?:[ =[]+\S+)?(?:\s{2,}(.*))?$' -- $line)
        or continue
        for name in (string match -ra -- '-[\w.-]+' $parts[1])
            printf '%s\t%s\n' $name "$parts[2]"
        end
    end
end

function __mcast_interfaces
    path basename /proc/sys/net/ipv4/conf/* | string match -v -r '^(all|default)$'
end

set -l dscp be cs0 cs1 af11 af12 af13 cs2 af21 af22 af23 cs3 af31 af32 af33 cs4 af41 af42 af43 cs5 ef cs6 cs7

for command in mcast-send mcast-receive mcast-status mcast-agent
    complete -c $command -e
    complete -c $command -f
    complete -c $command -n 'string match -q -- "-*" (commandline -ct)' -a '(__mcast_options)'
end
for command in mcast-send mcast-receive mcast-status
    complete -c $command -s i -l interface -x -a '(__mcast_interfaces)'
end
complete -c mcast-send -l dscp -x -a "$dscp"
complete -c mcast-receive -s v -l igmp-version -x -a '1 2 3'
complete -c mcast-receive -l mld-version -x -a '1 2'
complete -c mcast-agent -l log.level -x -a 'debug info warn error'
for option in config.file web.config.file api.socket
    complete -c mcast-agent -l $option -r -F
end
