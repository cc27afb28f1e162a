# What is installed, and where: programs, their man pages and completions.
include(GNUInstallDirs)

# Debian's zsh looks for what packages bring in vendor-completions, and for what
# was installed by hand, below /usr/local, in site-functions as every other zsh.
if(NOT DEFINED MCAST_ZSH_FOLDER)
  set(MCAST_ZSH_FOLDER site-functions)
  if(CMAKE_INSTALL_PREFIX STREQUAL "/usr" AND EXISTS /etc/debian_version)
    set(MCAST_ZSH_FOLDER vendor-completions)
  endif()
endif()

install(FILES man/mcast-send.1 man/mcast-receive.1 man/mcast-status.1
  DESTINATION ${CMAKE_INSTALL_MANDIR}/man1)
install(FILES man/mcast-agent.8 DESTINATION ${CMAKE_INSTALL_MANDIR}/man8)
install(FILES man/completions/_mcast DESTINATION ${CMAKE_INSTALL_DATADIR}/zsh/${MCAST_ZSH_FOLDER})
# Bash looks for a file that is called as the command.
foreach(command send receive status agent)
  install(FILES man/completions/mcast.bash RENAME mcast-${command}
    DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions)
endforeach()

install(TARGETS mcast-agent mcast-send mcast-receive mcast-status
  RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
