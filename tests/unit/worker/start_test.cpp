#include "worker/start.hpp"

#include <doctest/doctest.h>

#include <string>

#include "common/base/clock.hpp"
#include "common/base/exit_code.hpp"
#include "common/storage/file_system.hpp"
#include "tests/support/temporary.hpp"

namespace bullpen::worker {
namespace {

TEST_CASE("a home whose table of instruments is wrong starts no worker, and says where") {
    const test::TemporaryHome temporary;
    temporary.account(test::account_id("alpha"), "");
    storage::SystemFileSystem files;
    REQUIRE(files.make_directories(temporary.home().shared(), 0700).has_value());
    test::write_text(temporary.home().shared() + "/instruments.toml",
                     "schema = 1\nrevision = \"x\"\n[ES]\ntick = \"0\"\n");
    const FakeClock clock;
    const Start start = start_by_hand(temporary.path(), "alpha", files, clock);
    const auto* refused = std::get_if<NotStarted>(&start);
    REQUIRE(refused != nullptr);
    CHECK(refused->code == ExitCode::config);
    CHECK(refused->error.context().find("shared/instruments.toml:4: ES.") != std::string::npos);
}

}  // namespace
}  // namespace bullpen::worker
