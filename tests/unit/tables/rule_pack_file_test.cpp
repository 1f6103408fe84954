#include "common/tables/rule_pack_file.hpp"

#include <doctest/doctest.h>
#include <unistd.h>

#include <string>

#include "common/base/descriptor.hpp"
#include "tests/support/programs.hpp"
#include "tests/support/temporary.hpp"

namespace bullpen::tables {
namespace {

using model::RulePack;
using model::RulePacks;

std::string error_of(const std::string& more) {
    const auto parsed =
        parse_rule_packs("rule_packs.toml", "schema = 1\nrevision = \"x\"\n" + more);
    REQUIRE_FALSE(parsed.has_value());
    return parsed.error().context();
}

TEST_CASE("the example file says what the built-in packs say") {
    const auto parsed = parse_rule_packs(
        "etc/rule_packs.toml", test::read_text(test::source_directory() + "/etc/rule_packs.toml"));
    REQUIRE_MESSAGE(parsed.has_value(), parsed.error().message());
    REQUIRE(parsed->all().size() == RulePacks::built_in().all().size());
    for (const RulePack& ours : RulePacks::built_in().all()) {
        CAPTURE(ours.name);
        const auto theirs = parsed->find(ours.name);
        REQUIRE(theirs.has_value());
        CHECK(**theirs == ours);
    }
    CHECK(*parsed == RulePacks::built_in());
}

TEST_CASE("every pack is documented with its name and its version") {
    const std::string page = test::read_text(test::source_directory() + "/docs/risk.md");
    for (const RulePack& each : RulePacks::built_in().all()) {
        CAPTURE(each.name);
        CHECK(page.find("`" + each.name + "`") != std::string::npos);
        CHECK(page.find(each.version) != std::string::npos);
    }
    CHECK(page.find(std::string(model::k_hosting_acknowledgement)) != std::string::npos);
}

TEST_CASE("a home's own packs replace the built-in ones") {
    const test::TemporaryHome temporary;
    const Home& home = temporary.home();
    CHECK(load_rule_packs(home).value() == RulePacks::built_in());
    REQUIRE(make_directories(home.shared(), 0700).has_value());
    test::write_text(rule_packs_path(home),
                     "schema = 1\nrevision = \"x\"\n[mine]\nversion = "
                     "\"2026\"\ntitle = \"Mine\"\nlots_max = 2\n");
    const auto own = load_rule_packs(home);
    REQUIRE(own.has_value());
    CHECK((*own->find("mine"))->lots_max == 2);
    CHECK_FALSE(own->find("plain").has_value());
}

TEST_CASE("what is wrong in a pack is told with line and key") {
    const std::string head = "[a]\nversion = \"1\"\ntitle = \"A\"\n";
    CHECK(error_of(head + "floor = \"trailing\"\n")
              .find("rule_packs.toml:6: a.floor: 'trailing' is no model") != std::string::npos);
    CHECK(error_of(head + "floor = \"fixed\"\n").find("a.frame: is missing") != std::string::npos);
    CHECK(error_of(head + "floor = \"fixed\"\nframe = \"half\"\nnominal = \"1\"\n"
                          "allowance = \"1\"\n")
              .find("must be absolute or relative") != std::string::npos);
    CHECK(error_of(head + "floor = \"fixed\"\nframe = \"absolute\"\nnominal = \"0\"\n"
                          "allowance = \"1\"\n")
              .find("a.nominal: is not above zero") != std::string::npos);
    CHECK(error_of(head + "daily_loss_max = \"0\"\n").find("is not above zero") !=
          std::string::npos);
    CHECK(error_of(head + "scaling = [\"100: 2\"]\n").find("must begin with") != std::string::npos);
    CHECK(error_of(head + "scaling = [\"0: 2\", \"0: 3\"]\n").find("order of profits") !=
          std::string::npos);
    CHECK(error_of(head + "scaling = [\"0 2\"]\n").find("as in") != std::string::npos);
    CHECK(error_of(head + "scaling = [\"0: two\"]\n").find("lots from 0") != std::string::npos);
    CHECK(error_of(head + "flat_by = \"26:10\"\n").find("23:59") != std::string::npos);
    CHECK(error_of(head + "hosting_alowed = true\n").find("did you mean hosting_allowed?") !=
          std::string::npos);
    CHECK(error_of("[A]\nversion = \"1\"\ntitle = \"A\"\n").find("is no name for a pack") !=
          std::string::npos);
}

TEST_CASE("one mistake in a loss floor is one error") {
    const std::string head = "[a]\nversion = \"1\"\ntitle = \"A\"\n";
    const std::string rest = "frame = \"absolute\"\nnominal = \"50000\"\nallowance = \"2000\"\n";
    CHECK(error_of(head + "floor = \"fixd\"\n" + rest) ==
          "rule_packs.toml:6: a.floor: 'fixd' is no model of a loss floor; did you mean fixed?");
    CHECK(error_of(head + "floor = \"fixd\"\nlocks = true\nlock_above = \"0\"\n" + rest) ==
          "rule_packs.toml:6: a.floor: 'fixd' is no model of a loss floor; did you mean fixed?");
    CHECK(error_of(head + "floor = 5\n" + rest) ==
          "rule_packs.toml:6: a.floor: must be text in quotes, not a whole number");
    CHECK(error_of(head + "flor = \"fixed\"\n" + rest) ==
          "rule_packs.toml:6: a.flor: is not a key that Bullpen knows; did you mean floor?");
    CHECK(error_of(head + rest) == "rule_packs.toml:4: a.floor: is needed, because frame is set");
    CHECK(error_of(head + "floor = \"none\"\n" + rest) ==
          "rule_packs.toml:7: a.frame: is of no use, because floor is \"none\"");
    CHECK(error_of(head + "floor = \"fixed\"\nframe = 1\nnominal = \"50000\"\n"
                          "allowance = \"2000\"\n")
              .find(';') == std::string::npos);
}

TEST_CASE("a needed key that is written wrong is told once, and one that is not there still is") {
    CHECK(error_of("[a]\nverzion = \"1\"\ntitle = \"A\"\n") ==
          "rule_packs.toml:4: a.verzion: is not a key that Bullpen knows; did you mean version?");
    CHECK(error_of("[a]\ntitle = \"A\"\n[b]\nverzion = \"1\"\ntitle = \"B\"\n") ==
          "rule_packs.toml:4: a.version: is missing; rule_packs.toml:6: b.verzion: is not a key "
          "that Bullpen knows; did you mean version?");
}

TEST_CASE("everything that is wrong in the home's file is told as an issue with its line") {
    const test::TemporaryHome temporary;
    const Home& home = temporary.home();
    CHECK(read_rule_packs(home).issues.empty());
    REQUIRE(make_directories(home.shared(), 0700).has_value());
    test::write_text(rule_packs_path(home),
                     "schema = 1\nrevision = \"x\"\n[mine]\nversion = \"1\"\ntitle = \"M\"\n"
                     "lots_max = 0\ndaily_loss_max = \"0\"\ntag = true\nflat_by = \"26:10\"\n"
                     "scaling = [\"0 2\"]\nhosting_allowed = 1\n");
    const auto reading = read_rule_packs(home);
    CHECK_FALSE(reading.table.has_value());
    REQUIRE(reading.issues.size() == 6);
    for (std::size_t i = 0; i < reading.issues.size(); ++i) {
        CHECK(reading.issues[i].file == "shared/rule_packs.toml");
        CHECK(reading.issues[i].line == static_cast<int>(i) + 6);
    }
    CHECK(reading.issues[0].key == "mine.lots_max");
    // A file that cannot be read is not the same as none.
    REQUIRE(::unlink(rule_packs_path(home).c_str()) == 0);
    REQUIRE(make_directories(rule_packs_path(home), 0700).has_value());
    const auto unread = read_rule_packs(home);
    CHECK_FALSE(unread.table.has_value());
    REQUIRE(unread.issues.size() == 1);
    CHECK(unread.issues[0].file == "shared/rule_packs.toml");
}

}  // namespace
}  // namespace bullpen::tables
