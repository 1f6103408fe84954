#include "common/base/home.hpp"

#include <doctest/doctest.h>

#include <set>
#include <vector>

#include "tests/support/temporary.hpp"

namespace bullpen {
namespace {

std::vector<std::string> all_paths(const AccountPaths& paths) {
    return {
        paths.settings_copy, paths.directory, paths.state_file, paths.journal,         paths.logs,
        paths.worker_log,    paths.stdio_log, paths.audit_log,  paths.performance_log, paths.inbox,
        paths.orders,        paths.reports,   paths.tmp,        paths.crash,           paths.lock,
        paths.roster_file,   paths.secrets};
}

TEST_CASE("a home's path is made absolute and clean") {
    CHECK(Home::at("/srv/x/../bullpen//").value().root() == "/srv/bullpen");
    CHECK(Home::at("relative").value().root().front() == '/');
    CHECK_FALSE(Home::at("").has_value());
}

TEST_CASE("a home whose sockets would not fit a socket address is refused, with both numbers") {
    CHECK(Home::at("/" + std::string(80, 'h')).has_value());
    const auto refused = Home::at("/" + std::string(120, 'h'));
    REQUIRE_FALSE(refused.has_value());
    CHECK(refused.error().message().find("107") != std::string::npos);
    const auto longest = Home::at("/" + std::string(94, 'h'));
    REQUIRE(longest.has_value());
    CHECK(longest->control_socket().size() <= Home::k_socket_path_max);
    CHECK(longest->lease_socket().size() <= Home::k_socket_path_max);
    CHECK(longest->events_socket().size() <= Home::k_socket_path_max);
}

TEST_SUITE("critical") {
    TEST_CASE("no two accounts share any path, and all paths are below the home") {
        const auto home = Home::at("/srv/bullpen").value();
        std::set<std::string> seen;
        for (const char* name : {"a", "a-b", "a_b", "ab", "logs", "account_a", "0"}) {
            for (const auto& path : all_paths(home.account(test::account_id(name)))) {
                CHECK_MESSAGE(seen.insert(path).second, path);
                CHECK(path.starts_with("/srv/bullpen/"));
                CHECK(path.find("..") == std::string::npos);
            }
        }
    }

    TEST_CASE("all that a worker writes is in the account's own directory") {
        const auto paths = Home::at("/srv/bullpen").value().account(test::account_id("anna"));
        for (const auto& path : {paths.state_file, paths.journal, paths.logs, paths.worker_log,
                                 paths.stdio_log, paths.audit_log, paths.performance_log,
                                 paths.inbox, paths.orders, paths.reports, paths.tmp, paths.crash})
            CHECK(path.starts_with(paths.directory + "/"));
        CHECK(paths.lock == "/srv/bullpen/locks/account_anna.lock");
    }
}

}  // namespace
}  // namespace bullpen
