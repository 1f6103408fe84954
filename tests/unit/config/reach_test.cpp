// Which paths would open a home to one of its accounts.
#include "common/config/reach.hpp"

#include <doctest/doctest.h>

#include <filesystem>
#include <string>
#include <vector>

#include "tests/support/temporary.hpp"

namespace bullpen::config {

TEST_CASE("a path opens the home when it reaches what is kept for itself or of others") {
    const auto home = Home::at("/srv/bullpen").value();
    const auto anna = AccountId::parse("anna").value();
    struct Row {
        const char* path;
        bool read;
        bool change;
    };
    for (const Row& row : {
             Row{"/", true, true},
             {"/srv", true, true},
             {"/srv/bullpen", true, true},
             {"/srv/bullpen/", true, true},
             {"/srv/bullpen/run", true, true},
             {"/srv/bullpen/secrets/berta.sealed", true, true},
             {"/srv/bullpen/accounts", true, true},
             {"/srv/bullpen/accounts/anna2", true, true},
             {"/srv/bullpen/accounts/anna", false, true},
             {"/srv/bullpen/accounts/anna/tmp", false, true},
             {"/srv/bullpen/accounts.d/anna.toml", true, true},
             {"/srv/bullpen/bullpen.toml", true, true},
             {"/srv/bullpen/logs/bullpend.log", true, true},
             {"/srv/bullpen/venue", true, true},
             {"/srv/bullpen/alerts", true, true},
             {"/srv/bullpen/imported/anna", true, true},
             {"/srv/bullpen/numbers", true, true},
             {"/srv/bullpen/removed/anna", true, true},
             {"/srv/bullpen/services", true, true},
             {"/srv/bullpen/of_tomorrow", true, true},
             {"/srv/bullpen/accounts/anna/inbox", false, true},
             {"/srv/bullpen/bots/bot.py", false, false},
             {"/srv/bullpen/bin/bot", false, false},
             {"/srv/bullpen/bots2", true, true},
             {"/srv/bullpen/shared", false, true},
             {"/srv/bullpen/shared/bars", false, true},
             {"/srv/bullpen2", false, false},
             {"/srv/bots", false, false},
             {"/opt", false, false},
         }) {
        CAPTURE(row.path);
        CHECK(opens_home(home, anna, row.path, false) == row.read);
        CHECK(opens_home(home, anna, row.path, true) == row.change);
    }
}

TEST_CASE("the first path that opens the home is named with its key") {
    const auto home = Home::at("/srv/bullpen").value();
    AccountSettings settings(AccountId::parse("anna").value());
    settings.read_paths = {"/opt", "/srv/bullpen/shared"};
    settings.write_paths = {"/opt/bot"};
    CHECK_FALSE(path_into_home(home, settings));
    settings.read_paths.emplace_back("names:/srv/bullpen/accounts");
    REQUIRE(path_into_home(home, settings));
    CHECK(path_into_home(home, settings)->key == "read_paths");
    settings.read_paths.pop_back();
    settings.write_paths.emplace_back("/srv/bullpen/shared");
    REQUIRE(path_into_home(home, settings));
    CHECK(path_into_home(home, settings)->key == "write_paths");
    CHECK(path_into_home(home, settings)->path == "/srv/bullpen/shared");
}

TEST_CASE("its own directory is no path to be let change, and the message says what to do") {
    const auto home = Home::at("/srv/bullpen").value();
    AccountSettings settings(AccountId::parse("anna").value());
    settings.read_paths = {"/srv/bullpen/accounts/anna/tools"};
    CHECK_FALSE(path_into_home(home, settings));
    settings.write_paths = {"/srv/bullpen/accounts/anna/data"};
    REQUIRE(path_into_home(home, settings));
    CHECK(path_into_home(home, settings)->why.find("take the entry away") != std::string::npos);
}

TEST_CASE("what another home of this host keeps is not reached either") {
    const test::TemporaryHome other;
    const auto home = Home::at("/srv/bullpen").value();
    AccountSettings settings(AccountId::parse("anna").value());
    for (const auto* below : {"", "/accounts", "/accounts/ben/data", "/accounts/anna", "/secrets",
                              "/accounts.d/ben.toml", "/shared"}) {
        CAPTURE(below);
        settings.write_paths = {other.path() + below};
        REQUIRE(path_into_home(home, settings));
        CHECK(path_into_home(home, settings)->why.find(other.path()) != std::string::npos);
    }
    settings.write_paths = {other.path() + "/bots/anna", other.path() + "2/accounts"};
    CHECK_FALSE(path_into_home(home, settings));
}

namespace {

// Why an account may not have it in `write_paths`; empty: it may.
std::string why_not_changed(const std::string& path, const std::string& key_file = {}) {
    AccountSettings settings(AccountId::parse("anna").value());
    settings.write_paths = {"/srv/bots/anna", path};
    const auto found = path_too_far(settings, key_file);
    if (found)
        CHECK(found->path == path);
    return found ? found->why : std::string();
}

}  // namespace

TEST_CASE("what is the system's, a user's whole home or Bullpen's programs is nobody's to change") {
    const auto programs = std::filesystem::read_symlink("/proc/self/exe").parent_path().string();
    for (const std::string& path :
         {std::string("/"), std::string("/etc"), std::string("/etc/"), std::string("/etc/cron.d"),
          std::string("/usr"), std::string("/usr/local/bin"), std::string("/var"),
          std::string("/dev"), std::string("/run"), std::string("/run/systemd/system"),
          std::string("/proc"), std::string("/home"), std::string("/home/joan"),
          std::string("/home/joan/"), std::string("/root"), programs, programs + "/tools"}) {
        CAPTURE(path);
        CHECK_FALSE(why_not_changed(path).empty());
    }
    for (const auto* path :
         {"/home/joan/old-bot", "/root/bots", "/srv/bots", "/opt/bot/data", "/etcetera", "/dev/shm",
          "/run/user/1000/bot", "/run/bot", "/usr/local/bot/data", "/var/lib/bot", "/tmp/bot"}) {
        CAPTURE(path);
        CHECK(why_not_changed(path).empty());
    }
    CHECK(why_not_changed("/var").starts_with("holds /var/lib/dpkg, which is the system's"));
    CHECK(why_not_changed("/etc/cron.d").starts_with("is the system's, and"));
}

TEST_CASE("a path that is a link to what is the system's is judged by where it leads") {
    const test::TemporaryDirectory beside;
    std::filesystem::create_symlink("/etc", beside.file("link"));
    std::filesystem::create_directory(beside.file("data"));
    CHECK_FALSE(why_not_changed(beside.file("link")).empty());
    CHECK_FALSE(why_not_changed(beside.file("link") + "/cron.d").empty());
    CHECK(why_not_changed(beside.file("data")).empty());
}

TEST_CASE("the vault's key is no account's to read, by its path or by a link") {
    const test::TemporaryDirectory beside;
    std::filesystem::create_directory(beside.file("keys"));
    std::filesystem::create_directory_symlink(beside.file("keys"), beside.file("link"));
    const auto key = beside.file("keys") + "/vault.key";
    AccountSettings settings(AccountId::parse("anna").value());
    for (const auto& path : {key, beside.file("keys"), beside.file("keys") + "/",
                             beside.file("link"), beside.file("link") + "/vault.key"}) {
        CAPTURE(path);
        for (const auto& named : {key, beside.file("link") + "/vault.key"}) {
            settings.read_paths = {"/opt", path};
            const auto found = path_too_far(settings, named);
            REQUIRE(found);
            CHECK(found->key == "read_paths");
            CHECK(found->path == path);
            CHECK(found->why.find("vault.key_file") != std::string::npos);
            CHECK_FALSE(why_not_changed(path, named).empty());
        }
    }
    settings.read_paths = {"/opt", "names:" + beside.file("keys"), beside.file("keys2"),
                           beside.file("keys") + "/vault.key2"};
    CHECK_FALSE(path_too_far(settings, key));
    settings.read_paths = {beside.file("keys")};
    CHECK_FALSE(path_too_far(settings, ""));
}

TEST_CASE("a path that reaches further than a program needs is told, and refuses nothing") {
    AccountSettings settings(AccountId::parse("anna").value());
    settings.read_paths = {"/home/joan", "names:/home/joan", "/home/joan/bot",
                           "/etc",       "/etc/bot.toml",    "/tmp/",
                           "/tmp/bot"};
    // Not /tmp: these programs may be in it.
    settings.write_paths = {"/var/tmp", "/tmp/bot", "/dev/shm"};
    CHECK_FALSE(path_too_far(settings, "/srv/vault.key"));
    std::vector<std::string> far;
    for (const auto& one : paths_far(settings))
        far.push_back(std::string(one.key) + " " + one.path);
    CHECK(far == std::vector<std::string>{"read_paths /home/joan", "read_paths /etc",
                                          "read_paths /tmp/", "write_paths /var/tmp",
                                          "write_paths /dev/shm"});
}

TEST_CASE("what two accounts reach, and one may change, is told to the one") {
    AccountSettings other(AccountId::parse("berta").value());
    other.write_paths = {"/srv/data"};
    other.read_paths = {"/srv/models", "names:/srv/old"};
    other.command = {"/srv/bots/run.py", "--once"};
    for (const auto* path : {"/srv/data", "/srv/data/", "/srv/data/berta", "/srv"})
        CHECK(why_shared(path, other).find("berta's to change") != std::string::npos);
    for (const auto* path : {"/srv/models/new", "/srv/models", "/srv/bots"})
        CHECK(why_shared(path, other).find("berta's to read and run") != std::string::npos);
    for (const auto* path : {"/srv/data2", "/srv/old", "/srv/bots/run.py2", "/opt"})
        CHECK(why_shared(path, other).empty());
}

}  // namespace bullpen::config
