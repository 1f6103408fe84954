# What is installed where, and the Debian package of it (docs/packaging.md). Included last, when
# every program is known.

# Beside each other: the daemon finds its worker, and bullpenctl its other half, in its own
# directory.
install(TARGETS bullpend bullpenctl bullpenctl-control bullpen-worker bullpen-venue bullpen-signals
                bullpen-calendar bullpen-notify bullpen-remote bullpen-health
        RUNTIME DESTINATION bin)
install(TARGETS bullpen-bind LIBRARY DESTINATION lib/bullpen
        PERMISSIONS OWNER_READ OWNER_WRITE GROUP_READ WORLD_READ)
install(FILES etc/systemd/bullpend.service etc/systemd/bullpen-backup.service
              etc/systemd/bullpen-backup.timer
        DESTINATION lib/systemd/system)
foreach(section 1 5 8)
  file(GLOB pages CONFIGURE_DEPENDS etc/man/*.${section})
  install(FILES ${pages} DESTINATION share/man/man${section})
endforeach()
install(FILES etc/completions/bullpenctl.bash
        DESTINATION share/bash-completion/completions RENAME bullpenctl)
install(FILES etc/completions/_bullpenctl DESTINATION share/zsh/vendor-completions)
install(FILES README.md DESTINATION share/doc/bullpen)
install(DIRECTORY docs DESTINATION share/doc/bullpen)
install(FILES etc/bullpen.toml etc/instruments.toml etc/holidays.toml etc/rule_packs.toml
              etc/examples/worker.py
        DESTINATION share/doc/bullpen/examples)
install(DIRECTORY etc/accounts.d DESTINATION share/doc/bullpen/examples)
# Not among the units: who wants control groups copies them (docs/security.md).
install(FILES etc/systemd/bullpen-workers.service etc/systemd/bullpend-workers.conf
        DESTINATION share/doc/bullpen/examples/systemd)

set(CMAKE_SKIP_INSTALL_ALL_DEPENDENCY ON)  # `bullpen_product` is all that a package needs
set(BULLPEN_MAINTAINER "Bullpen <root@localhost>" CACHE STRING "Who a package says maintains it")
set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME bullpen)
set(CPACK_PACKAGE_CONTACT ${BULLPEN_MAINTAINER})
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY
    "Many trading accounts on one server, each in its own process")
set(CPACK_PACKAGE_DESCRIPTION
    "bullpend keeps one isolated worker process per trading account alive, bullpenctl shows and
drives them. Workers outlive the daemon and its upgrades.")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_VERBATIM_VARIABLES ON)
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS
    OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION misc)
# Those of the shared libraries are computed from the programs.
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_DEPENDS "ca-certificates, passwd, tzdata, uidmap, util-linux")
set(CPACK_DEBIAN_PACKAGE_RECOMMENDS "ca-certificates")
set(CPACK_DEBIAN_PACKAGE_CONTROL_EXTRA
    "${CMAKE_SOURCE_DIR}/etc/debian/postinst;${CMAKE_SOURCE_DIR}/etc/debian/prerm"
    "${CMAKE_SOURCE_DIR}/etc/debian/postrm")
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
include(CPack)
