// The sizes of many directories, looked at in turns, and what is told of them.
#include "common/watch/disk_watch.hpp"

#include <doctest/doctest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <set>
#include <string>

#include "common/base/clock.hpp"
#include "tests/support/temporary.hpp"

namespace bullpen::watch {

namespace {

using namespace std::chrono_literals;
using test::account_id;

constexpr std::uint64_t k_mib = 1 << 20;

// Three accounts, each with a directory.
struct Scene {
    test::TemporaryDirectory directory;
    FakeClock clock;
    DiskWatch watch;
    std::vector<Place> places;

    explicit Scene(std::uint64_t most = 10 * k_mib) {
        for (const char* name : {"anna", "bert", "cleo"}) {
            const auto path = directory.file(name);
            REQUIRE(::mkdir(path.c_str(), 0700) == 0);
            places.push_back({account_id(name), path, most});
        }
    }
    void write(const std::string& file, std::uint64_t bytes) const {
        test::write_text(directory.file(file), std::string(bytes, 'x'));
    }
    std::vector<Seen> look(std::size_t entries = 1000) {
        clock.advance(DiskWatch::k_turn_min);
        return watch.look(places, entries, clock, clock.mono() + 1s);
    }
    // What a turn through all of them says of one.
    Seen seen(std::string_view name) {
        for (auto& one : look()) {
            if (one.account.str() == name)
                return one;
        }
        FAIL("it was not looked at");
        return {account_id("nobody"), {}, Fill::fine, false, {}};
    }
};

}  // namespace

TEST_CASE("how full a directory is follows from its size and what it may hold") {
    CHECK(fill_of({80, 1, false}, 100) == Fill::fine);
    CHECK(fill_of({81, 1, false}, 100) == Fill::near);
    CHECK(fill_of({100, 1, false}, 100) == Fill::near);
    CHECK(fill_of({101, 1, false}, 100) == Fill::over);
    CHECK(fill_of({UINT64_MAX, 1, false}, 0) == Fill::fine);
    // Nobody knows how much it is.
    CHECK(fill_of({1, 1, true}, 100) == Fill::over);
    CHECK(fill_of({1, 1, true}, 0) == Fill::fine);
    CHECK(fill_of({UINT64_MAX, 1, false}, UINT64_MAX) == Fill::near);
}

TEST_CASE("people read how much there is, where, and how much there may be") {
    CHECK(fill_text({9ULL << 30U, 1, false}, 8ULL << 30U, "/srv/a") ==
          "9.0 GiB in /srv/a, 8.0 GiB allowed");
    CHECK(fill_text({3 * k_mib / 2, 1, false}, 0, "/srv/a") == "1.5 MiB in /srv/a");
    CHECK(fill_text({0, 0, true}, k_mib, "/srv/a") ==
          "0.0 MiB in /srv/a, and more that cannot be looked into");
}

TEST_CASE("each is looked at in its turn, and a turn begins only so often") {
    Scene scene;
    std::vector<std::string> order;
    for (const auto& seen : scene.look())
        order.push_back(seen.account.str());
    CHECK(order == std::vector<std::string>{"anna", "bert", "cleo"});
    const auto soon = scene.clock.mono() + 1s;
    CHECK(scene.watch.look(scene.places, 1000, scene.clock, soon).empty());
    CHECK(scene.look().size() == 3);
}

TEST_CASE("a change is told once, and its end, too") {
    Scene scene;
    CHECK_FALSE(scene.seen("bert").changed);
    scene.write("bert/file", 9 * k_mib);
    auto seen = scene.seen("bert");
    CHECK((seen.fill == Fill::near && seen.changed));
    seen = scene.seen("bert");
    CHECK((seen.fill == Fill::near && !seen.changed));
    scene.write("bert/more", 2 * k_mib);
    seen = scene.seen("bert");
    CHECK((seen.fill == Fill::over && seen.changed));
    CHECK(seen.text.ends_with("10.0 MiB allowed"));
    CHECK(scene.seen("anna").fill == Fill::fine);
    ::unlink(scene.directory.file("bert/file").c_str());
    seen = scene.seen("bert");
    CHECK((seen.fill == Fill::fine && seen.changed));
    // Other limits are other changes.
    scene.places[1].most = k_mib;
    seen = scene.seen("bert");
    CHECK((seen.fill == Fill::over && seen.changed));
}

TEST_CASE("a large directory is looked at a part at a time, and the others get their turn") {
    Scene scene(0);
    for (int i = 0; i < 50; ++i)
        scene.write("anna/" + std::to_string(i), 1);
    std::set<std::string> all;
    int looks = 0;
    while (all.size() < 3 && ++looks < 100) {
        for (const auto& seen :
             scene.watch.look(scene.places, 10, scene.clock, scene.clock.mono() + 1s)) {
            all.insert(seen.account.str());
            if (seen.account.str() == "anna")
                CHECK(seen.size.entries == 50);
        }
    }
    CHECK(all.size() == 3);
    CHECK(looks > 5);
}

TEST_CASE("one that is over its limit is told before all of it was counted") {
    Scene scene(k_mib);
    for (int i = 0; i < 3000; ++i)
        scene.write("anna/" + std::to_string(i), 0);
    const auto found = scene.look();
    REQUIRE_FALSE(found.empty());
    CHECK(found[0].account.str() == "anna");
    CHECK(found[0].fill == Fill::over);
    CHECK(found[0].size.entries < 3000);
}

TEST_CASE("nothing is looked at after the time for it") {
    Scene scene;
    CHECK(scene.watch.look(scene.places, 1000, scene.clock, scene.clock.mono()).empty());
    CHECK(scene.look().size() == 3);
}

TEST_CASE("an account that leaves in the middle of its turn is left behind") {
    Scene scene(0);
    for (int i = 0; i < 20; ++i)
        scene.write("anna/" + std::to_string(i), 1);
    CHECK(scene.look(10).empty());
    scene.places.erase(scene.places.begin());
    const auto found = scene.look();
    REQUIRE(found.size() == 2);
    CHECK(found[0].account.str() == "bert");
}

}  // namespace bullpen::watch
