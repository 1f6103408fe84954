#include "common/sandbox/system_files.hpp"

#include <array>

namespace bullpen::sandbox {

namespace {

constexpr std::array k_system_programs{"/usr", "/bin", "/sbin", "/lib", "/lib64"};
constexpr std::array k_late_libraries{"/usr/lib", "/lib", "/lib64", "/usr/share",
                                      "/usr/local/share"};
// The directories in /run are where /etc/resolv.conf leads on systems that rewrite it.
constexpr std::array k_name_files{"/etc/ssl",
                                  "/etc/pki",
                                  "/etc/ca-certificates",
                                  "/etc/hosts",
                                  "/etc/host.conf",
                                  "/etc/gai.conf",
                                  "/etc/resolv.conf",
                                  "/etc/nsswitch.conf",
                                  "/etc/services",
                                  "/etc/protocols",
                                  "/etc/localtime",
                                  "/etc/timezone",
                                  "/etc/ld.so.cache",
                                  "/etc/ld.so.preload",
                                  "/run/systemd/resolve",
                                  "/run/resolvconf",
                                  "/run/NetworkManager/resolv.conf",
                                  "/dev/urandom",
                                  "/dev/random"};
constexpr std::array k_machine_files{
    "/etc/passwd", "/etc/group",          "/etc/mime.types",        "/etc/os-release",
    "/proc",       "/etc/debian_version", "/sys/devices/system/cpu"};
constexpr std::array k_devices{"/dev/null", "/dev/zero", "/dev/full"};

}  // namespace

std::span<const char* const> system_programs() {
    return k_system_programs;
}

std::span<const char* const> late_libraries() {
    return k_late_libraries;
}

std::span<const char* const> name_files() {
    return k_name_files;
}

std::span<const char* const> machine_files() {
    return k_machine_files;
}

std::span<const char* const> devices() {
    return k_devices;
}

void add_names(std::vector<Reach>& reach) {
    for (const auto paths : {name_files(), late_libraries()}) {
        for (const char* const path : paths)
            reach.push_back({path, Access::read});
    }
    for (const char* const path : devices())
        reach.push_back({path, Access::use});
}

}  // namespace bullpen::sandbox
