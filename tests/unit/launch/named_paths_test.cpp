// What an account's file names is reached as it is, and not as it is called.
#include "common/launch/named_paths.hpp"

#include <doctest/doctest.h>

#include <filesystem>

#include "common/launch/plan.hpp"
#include "tests/support/temporary.hpp"

namespace bullpen::launch {

namespace {

struct Scene {
    test::TemporaryHome home;
    test::TemporaryDirectory beside;
    config::AccountSettings settings{test::account_id("anna")};
    std::string work = beside.file("work");

    Scene() {
        std::filesystem::create_directories(work + "/venv");
        std::filesystem::create_directories(home.home().secrets());
        std::filesystem::create_directories(home.home().account(settings.id).directory);
        test::write_text(home.home().secrets() + "/vault.key", "x");
        test::write_text(beside.file("bot.py"), "x");
    }
    // Of the first that is refused, its sentence; empty: all are let reach.
    [[nodiscard]] std::string refused() const {
        const auto program = settings.command.empty() ? std::string() : settings.command.front();
        const auto plan = plan_for(home.home(), settings, program, Phase::launch);
        const auto found = open_named(home.home(), settings, plan.named);
        CHECK(found.open.size() + found.refused.size() == plan.named.size());
        return found.refused.empty() ? std::string()
                                     : refusal(settings.id, found.refused.front()).message();
    }
    void lead(const std::string& path, const std::string& target) const {
        std::filesystem::remove_all(path);
        std::filesystem::create_symlink(target, path);
    }
};

bool has(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("a path below its own write_paths that it made a link leads its next launch nowhere") {
    Scene scene;
    scene.settings.write_paths = {scene.work};
    scene.settings.read_paths = {scene.work + "/venv"};
    CHECK(scene.refused().empty());
    // Nor to what is of no home.
    for (const auto& target : {scene.home.path(), std::string("/etc")}) {
        scene.lead(scene.work + "/venv", target);
        const auto why = scene.refused();
        CHECK(has(why, "account anna: read_paths '" + scene.work + "/venv' leads to " + target));
        CHECK(has(why, "by the link " + scene.work + "/venv"));
        CHECK(has(why, "name the file that is meant"));
    }
    scene.settings.read_paths = {};
    scene.settings.write_paths.push_back(scene.work + "/venv");
    CHECK(has(scene.refused(), "write_paths '" + scene.work + "/venv' leads to /etc"));
}

TEST_CASE("a file that its command names leads nowhere either, by whatever way it is there") {
    Scene scene;
    scene.settings.write_paths = {scene.work};
    scene.settings.command = {"/bin/sh", scene.beside.file("bot.py"), scene.work + "/config.json"};
    CHECK(scene.refused().empty());
    scene.lead(scene.work + "/config.json", scene.home.home().secrets() + "/vault.key");
    CHECK(has(scene.refused(), "command '" + scene.work + "/config.json' leads to "));
    scene.lead(scene.beside.file("short"), "work");
    scene.settings.command.back() = scene.beside.file("short") + "/config.json";
    CHECK(has(scene.refused(), "by the link " + scene.work + "/config.json"));
    scene.settings.command = {scene.work + "/config.json"};
    CHECK(has(scene.refused(), "command '" + scene.work + "/config.json' leads to "));
}

TEST_CASE("a link of its own to what it reaches anyway is followed") {
    Scene scene;
    scene.settings.write_paths = {scene.work};
    scene.settings.read_paths = {scene.work + "/current"};
    scene.lead(scene.work + "/current", "venv");
    CHECK(scene.refused().empty());
    // A virtual environment's.
    scene.lead(scene.work + "/python3", "/usr/bin/env");
    scene.settings.command = {scene.work + "/python3"};
    CHECK(scene.refused().empty());
    scene.settings.write_paths.push_back(scene.work + "/python3");
    CHECK(has(scene.refused(), "write_paths '" + scene.work + "/python3' leads to /usr/bin/env"));
}

TEST_CASE("an operator's link is judged by where it leads, and one beside homes goes on working") {
    Scene scene;
    scene.lead(scene.beside.file("link"), scene.work);
    scene.settings.read_paths = {scene.beside.file("link")};
    scene.settings.write_paths = {scene.beside.file("link")};
    scene.settings.command = {"/bin/sh", scene.beside.file("bot.py"), "/", scene.home.path()};
    CHECK(scene.refused().empty());
    for (const auto* const part : {"", "/accounts", "/secrets", "/alerts", "/accounts.d"}) {
        CAPTURE(part);
        std::filesystem::create_directories(scene.home.path() + part);
        scene.lead(scene.beside.file("link"), scene.home.path() + part);
        CHECK(has(scene.refused(), "would open this home's own files to the account"));
    }
    scene.lead(scene.beside.file("link"), scene.home.home().account(scene.settings.id).directory);
    CHECK(has(scene.refused(), "write_paths '" + scene.beside.file("link")));
    CHECK(has(scene.refused(), "is the account's own directory"));
    scene.settings.write_paths.clear();
    CHECK(scene.refused().empty());
}

TEST_CASE("what a home has on another disk is the home's there as well") {
    Scene scene;
    const auto disk = scene.beside.file("disk");
    std::filesystem::create_directories(disk + "/berta");
    std::filesystem::create_directories(disk + "/anna");
    scene.lead(scene.home.home().accounts(), disk);
    scene.settings.read_paths = {disk + "/anna"};
    CHECK(scene.refused().empty());
    for (const auto& path : {disk, disk + "/berta", scene.beside.path()}) {
        CAPTURE(path);
        scene.settings.read_paths = {path};
        CHECK(has(scene.refused(), "would open this home's own files"));
    }
}

TEST_CASE("another home is closed by whatever link") {
    Scene scene;
    const test::TemporaryHome other;
    scene.lead(scene.beside.file("link"), other.path() + "/accounts.d");
    scene.settings.read_paths = {scene.beside.file("link")};
    CHECK(has(scene.refused(), "is in another home, " + other.path()));
}

TEST_CASE("an operator may replay a file that is in the home, and not by a link of the account's") {
    Scene scene;
    scene.settings.feed.file = "bars.csv";
    test::write_text(scene.home.path() + "/bars.csv", "");
    CHECK(scene.refused().empty());
    scene.settings.write_paths = {scene.work};
    scene.settings.feed.file = scene.work + "/bars.csv";
    scene.lead(scene.settings.feed.file, scene.home.path() + "/bullpen.toml");
    CHECK(has(scene.refused(), "feed.file '" + scene.work + "/bars.csv' leads to "));
}

}  // namespace bullpen::launch
