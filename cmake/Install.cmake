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

# The date on the man pages: that of the package that is built, or none, so that
# the same sources make the same pages.
set(date "")
if(DEFINED ENV{SOURCE_DATE_EPOCH})
  string(TIMESTAMP date "%Y-%m-%d" UTC)
endif()

# Laid out as it is installed, so that MANPATH and XDG_DATA_DIRS may point at it.
set(share ${CMAKE_BINARY_DIR}/share)
add_custom_command(
  OUTPUT ${CMAKE_BINARY_DIR}/documents.stamp
  COMMAND ${CMAKE_COMMAND} -E rm -rf ${share}
  COMMAND mcast-documents ${share} ${MCAST_ZSH_FOLDER} "${date}"
  COMMAND ${CMAKE_COMMAND} -E touch ${CMAKE_BINARY_DIR}/documents.stamp
  DEPENDS mcast-documents
  COMMENT "Writing man pages and completions"
  VERBATIM)
add_custom_target(documents ALL DEPENDS ${CMAKE_BINARY_DIR}/documents.stamp)
install(DIRECTORY ${share}/ DESTINATION ${CMAKE_INSTALL_DATADIR})

install(TARGETS mcast-agent mcast-send mcast-receive mcast-status
  RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
