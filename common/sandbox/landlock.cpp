#include "common/sandbox/landlock.hpp"

#include <linux/landlock.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>

namespace bullpen::sandbox {

namespace {

// Parts of the kernel's interface that are newer than the headers this is built with.
constexpr std::uint64_t k_fs_truncate = 1ULL << 14U;     // from version 3 on
constexpr std::uint64_t k_fs_ioctl_dev = 1ULL << 15U;    // 5
constexpr std::uint64_t k_net_bind_tcp = 1ULL << 0U;     // 4
constexpr std::uint64_t k_net_connect_tcp = 1ULL << 1U;  // 4
constexpr int k_rule_net_port = 2;
constexpr std::uint64_t k_scope_abstract_socket = 1ULL << 0U;  // 6
constexpr std::uint64_t k_scope_signal = 1ULL << 1U;           // 6
struct RulesetAttributes {
    std::uint64_t handled_fs;
    std::uint64_t handled_net;
    std::uint64_t scoped;
};
struct NetPortAttributes {
    std::uint64_t allowed;
    std::uint64_t port;
};

constexpr std::uint64_t k_read = LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR;
constexpr std::uint64_t k_version_1 = (LANDLOCK_ACCESS_FS_MAKE_SYM << 1U) - 1;
constexpr std::uint64_t k_of_files = LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_READ_FILE |
                                     LANDLOCK_ACCESS_FS_WRITE_FILE | k_fs_truncate;
constexpr std::uint64_t k_leads_elsewhere =
    LANDLOCK_ACCESS_FS_MAKE_SYM | LANDLOCK_ACCESS_FS_MAKE_FIFO | LANDLOCK_ACCESS_FS_MAKE_CHAR |
    LANDLOCK_ACCESS_FS_MAKE_BLOCK;
constexpr std::uint64_t k_devices = LANDLOCK_ACCESS_FS_MAKE_CHAR | LANDLOCK_ACCESS_FS_MAKE_BLOCK;

std::uint64_t handled_by(int version) {
    std::uint64_t rights = k_version_1;
    if (version >= 2)
        rights |= LANDLOCK_ACCESS_FS_REFER;
    if (version >= k_landlock_truncate)
        rights |= k_fs_truncate;
    if (version >= 5)
        rights |= k_fs_ioctl_dev;
    return rights;
}

std::uint64_t rights_of(Access access) {
    const std::uint64_t all = handled_by(k_landlock_newest) & ~k_fs_ioctl_dev;
    switch (access) {
        case Access::names: return LANDLOCK_ACCESS_FS_READ_DIR;
        case Access::read: return k_read;
        case Access::run:
        case Access::file: return k_read | LANDLOCK_ACCESS_FS_EXECUTE;
        case Access::use: return LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_WRITE_FILE;
        case Access::change:
            return all & ~(k_leads_elsewhere | std::uint64_t{LANDLOCK_ACCESS_FS_EXECUTE});
        case Access::own: return all & ~k_leads_elsewhere;
        case Access::all: return all & ~k_devices;
    }
    return 0;
}

bool add(int ruleset, int at, std::uint64_t rights) {
    landlock_path_beneath_attr attributes{};
    attributes.allowed_access = rights;
    attributes.parent_fd = at;
    return ::syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &attributes, 0) ==
           0;
}

// Errors that say that there is nothing to let it reach.
bool is_absence(int error) {
    return error == ENOENT || error == ENOTDIR || error == EACCES || error == ELOOP;
}

Result<void> allow_path(int ruleset, const Reach& reach, const OpenPath& opened,
                        std::uint64_t handled) {
    const auto what = [&reach] { return "cannot let it reach " + reach.path; };
    if (opened.error != 0 && !is_absence(opened.error))
        return fail(Error::from_errno(opened.error, what()));
    if (opened.error != 0 || (reach.access == Access::file && opened.is_directory))
        return {};
    if (reach.access == Access::names && !opened.is_directory)
        return {};
    // Rights of directories are an error for a file.
    const auto rights =
        rights_of(reach.access) & handled & (opened.is_directory ? ~0ULL : k_of_files);
    if (!add(ruleset, opened.at.get(), rights))
        return fail_errno(what());
    return {};
}

Result<void> allow_port(int ruleset, std::uint16_t port) {
    const NetPortAttributes attributes{k_net_connect_tcp, port};
    if (::syscall(SYS_landlock_add_rule, ruleset, k_rule_net_port, &attributes, 0) != 0)
        return fail_errno("cannot let it reach port " + std::to_string(port));
    return {};
}

}  // namespace

int landlock_version() {
    const long version =
        ::syscall(SYS_landlock_create_ruleset, nullptr, 0, LANDLOCK_CREATE_RULESET_VERSION);
    return version > 0 ? static_cast<int>(version) : 0;
}

Result<Descriptor> make_ruleset(int version, const Walls& walls, OpenPaths& paths) {
    RulesetAttributes attributes{handled_by(version), 0, 0};
    if (version >= k_landlock_ports && walls.ports)
        attributes.handled_net = k_net_bind_tcp | k_net_connect_tcp;
    if (version >= k_landlock_signals)
        attributes.scoped = k_scope_abstract_socket | (walls.signals ? k_scope_signal : 0);
    const std::size_t size = version >= k_landlock_signals ? sizeof(attributes)
                             : version >= k_landlock_ports ? 2 * sizeof(std::uint64_t)
                                                           : sizeof(std::uint64_t);
    Descriptor ruleset(
        static_cast<int>(::syscall(SYS_landlock_create_ruleset, &attributes, size, 0)));
    if (!ruleset.valid())
        return fail_errno("Landlock refuses a set of rules");
    for (const auto& reach : walls.reach) {
        const auto allow = [&](const OpenPath& opened) {
            return allow_path(ruleset.get(), reach, opened, attributes.handled_fs);
        };
        BULLPEN_CHECK(reach.everyones ? allow(paths.kept(reach.path))
                                      : allow(open_path(reach.path)));
    }
    for (const auto& [reach, opened] : walls.opened)
        BULLPEN_CHECK(allow_path(ruleset.get(), reach, opened, attributes.handled_fs));
    for (const int file : walls.readable) {
        if (!add(ruleset.get(), file, LANDLOCK_ACCESS_FS_READ_FILE))
            return fail_errno("cannot let it open descriptor " + std::to_string(file) + " again");
    }
    if (attributes.handled_net != 0) {
        for (const std::uint16_t port : *walls.ports)
            BULLPEN_CHECK(allow_port(ruleset.get(), port));
    }
    return ruleset;
}

Result<void> enter_ruleset(const Descriptor& ruleset) {
    if (::syscall(SYS_landlock_restrict_self, ruleset.get(), 0) != 0)
        return fail_errno("Landlock could not be entered");
    return {};
}

}  // namespace bullpen::sandbox
