# What is installed, and where: programs, their man pages and completions, a unit for systemd, an
# example of a configuration. The configuration itself is the administrator's, in /etc/mcast-agent.
include(GNUInstallDirs)

# Whoever makes a package strips by himself and keeps the symbols.
option(MCAST_STRIP "Strip programs when they are installed: 9 MB instead of 280" ON)
if(MCAST_STRIP)
  install(CODE "set(CMAKE_INSTALL_DO_STRIP ON)")
endif()
install(TARGETS mcast-agent mcast-send mcast-receive mcast-status
  RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})

install(FILES man/mcast-send.1 man/mcast-receive.1 man/mcast-status.1
  DESTINATION ${CMAKE_INSTALL_MANDIR}/man1)
install(FILES man/mcast-agent.8 DESTINATION ${CMAKE_INSTALL_MANDIR}/man8)

# Bash and fish look for a file that is called as the command.
foreach(command send receive status agent)
  install(FILES man/completions/mcast.bash RENAME mcast-${command}
    DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions)
  install(FILES man/completions/mcast.fish RENAME mcast-${command}.fish
    DESTINATION ${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d)
endforeach()

install(FILES LICENSE README.md CHANGELOG.md DESTINATION ${CMAKE_INSTALL_DOCDIR})
install(FILES packaging/mcast-agent.yml DESTINATION ${CMAKE_INSTALL_DOCDIR}/examples)

# What depends on the prefix, which `cmake --install --prefix` may choose.
#
# Debian's zsh looks for what packages bring in vendor-completions, and for what was installed by
# hand, below /usr/local, in site-functions as every other zsh.
install(CODE "
  set(zsh_folder site-functions)
  if(CMAKE_INSTALL_PREFIX STREQUAL \"/usr\" AND EXISTS /etc/debian_version)
    set(zsh_folder vendor-completions)
  endif()
  get_filename_component(data \"${CMAKE_INSTALL_DATADIR}\" ABSOLUTE BASE_DIR \"\${CMAKE_INSTALL_PREFIX}\")
  file(INSTALL \"${CMAKE_SOURCE_DIR}/man/completions/_mcast\" DESTINATION \"\${data}/zsh/\${zsh_folder}\")

  get_filename_component(bin \"${CMAKE_INSTALL_BINDIR}\" ABSOLUTE BASE_DIR \"\${CMAKE_INSTALL_PREFIX}\")
  set(unit \"${CMAKE_BINARY_DIR}/mcast-agent.service\")
  configure_file(\"${CMAKE_SOURCE_DIR}/packaging/systemd/mcast-agent.service.in\" \"\${unit}\" @ONLY)
  file(INSTALL \"\${unit}\" DESTINATION \"\${CMAKE_INSTALL_PREFIX}/lib/systemd/system\")
")
