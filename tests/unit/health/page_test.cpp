#include "health/page.hpp"

#include <doctest/doctest.h>

#include <string>
#include <string_view>
#include <utility>

#include "common/base/errc.hpp"
#include "common/model/reason.hpp"

using namespace bullpen;
using namespace bullpen::health;

namespace {

constexpr Instant k_now{UtcTime(std::chrono::hours(480'000)), MonoTime(std::chrono::hours(1))};

ipc::BoardSlot slot(std::string_view name, model::WorkerState state, std::string_view group = "") {
    ipc::BoardSlot slot;
    slot.account = std::string(name);
    slot.group = std::string(group);
    slot.state = state;
    slot.enabled = 1;
    return slot;
}

// A daemon that turns, one account that runs and one that is FATAL, each in a group of its own.
Result<ctl::FleetView> fleet(bool with_fatal = true) {
    ipc::Board board;
    board.this_boot = true;
    board.daemon_alive = true;
    board.daemon.pid = 100;
    board.daemon.written = k_now.utc;
    board.daemon.written_mono = k_now.mono;
    board.slots.push_back(slot("mes01", model::WorkerState::running, "futures"));
    if (with_fatal)
        board.slots.push_back(slot("mes02", model::WorkerState::fatal, "paper"));
    return ctl::FleetView::of_far_board(std::move(board), k_now, "here");
}

Answer get(std::string_view target, bool with_fatal = true, std::string_view host = "localhost",
           std::string_view method = "GET") {
    return answer({std::string(method), std::string(target), std::string(host)}, fleet(with_fatal),
                  k_now);
}

bool has(const Answer& answer, std::string_view text) {
    return answer.body.find(text) != std::string::npos;
}

}  // namespace

TEST_CASE("a fleet in order is answered with 200, one that needs a person with 503") {
    const auto well = get("/health", false);
    CHECK(well.status == 200);
    CHECK(has(well, R"("health":"OK")"));
    CHECK(has(well, "1 account, 1 running"));
    const auto ill = get("/health");
    CHECK(ill.status == 503);
    CHECK(has(ill, R"("health":"CRITICAL")"));
    CHECK(has(ill, "mes02 FATAL"));
}

TEST_CASE("a page of one account, group or glob judges these alone") {
    CHECK(get("/health/mes01").status == 200);
    CHECK(get("/health/mes02").status == 503);
    CHECK(get("/health/futures:*").status == 200);
    CHECK(get("/health/mes*").status == 503);
    CHECK(get("/health?from=monitor").status == 503);
    CHECK(get("/health/").status == 503);
}

TEST_CASE("a name that matches nothing, and a path that is none, are not found") {
    for (const auto* target : {"/health/mes03", "/", "", "/healthy", "/health/mes01/more",
                               "/status", "*", "http://localhost/health"}) {
        CAPTURE(target);
        const auto answer = get(target);
        CHECK(answer.status == 404);
        CHECK(has(answer, R"("code":"not_found")"));
    }
}

TEST_CASE("only who looks is answered") {
    CHECK(get("/health", false, "localhost", "HEAD").status == 200);
    for (const auto* method : {"POST", "PUT", "DELETE", "OPTIONS", "TRACE", "get"})
        CHECK(get("/health", false, "localhost", method).status == 405);
}

TEST_CASE("a name of somebody's on the Web that leads here is refused") {
    for (const auto* host : {"", "localhost", "localhost:9180", "127.0.0.1", "127.0.0.1:9180",
                             "[::1]", "[::1]:9180"}) {
        CAPTURE(host);
        CHECK(get("/health", false, host).status == 200);
    }
    for (const auto* host :
         {"example.com", "127.0.0.1.example.com", "localhost.example.com:9180", "[::2]", "a"}) {
        CAPTURE(host);
        CHECK(get("/health", false, host).status == 403);
    }
}

TEST_CASE("a home that cannot be looked at is UNKNOWN, and says why") {
    const Result<ctl::FleetView> none = fail(Errc::not_found, "there is no home at /h");
    const auto told = answer({"GET", "/health", ""}, none, k_now);
    CHECK(told.status == 503);
    CHECK(has(told, R"("health":"UNKNOWN")"));
    CHECK(has(told, "there is no home at /h"));
    CHECK(has(told, R"("daemon":null)"));
}
