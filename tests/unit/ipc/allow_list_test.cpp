#include "ipc/allow_list.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "ipc/key_pair.hpp"
#include "tests/support/temporary.hpp"

using namespace bullpen;
using namespace bullpen::ipc;

namespace {

const std::string k_desk(64, 'a');
const std::string k_wall(64, 'b');

}  // namespace

TEST_CASE("a list of clients is read as it was written, with what people say in it") {
    const auto list =
        AllowList::parse("# who\n\n desk\toperate  " + k_desk + "\r\nwall read " + k_wall);
    REQUIRE(list.has_value());
    REQUIRE(list->clients().size() == 2);
    CHECK(list->find(k_desk)->name == "desk");
    CHECK(list->find(k_desk)->right == Right::operate);
    CHECK(list->find(k_wall)->right == Right::read);
    CHECK(list->find(std::string(64, 'c')) == nullptr);
    CHECK(list->find("") == nullptr);
    CHECK(AllowList::parse(list->text())->clients() == list->clients());
}

TEST_CASE("a list with a line that makes no sense lets in nobody, and the line is named") {
    const std::vector<std::string> lines = {"desk " + k_desk,
                                            "desk rule " + k_desk,
                                            "desk read",
                                            "desk read " + k_desk.substr(1),
                                            "desk read " + k_desk + " more",
                                            "Desk read " + k_desk,
                                            "wall operate " + k_desk,
                                            "other read " + k_wall,
                                            "desk read A" + k_desk.substr(1)};
    for (const auto& line : lines) {
        CAPTURE(line);
        const auto list = AllowList::parse("wall read " + k_wall + "\n" + line + "\n");
        REQUIRE_FALSE(list.has_value());
        CHECK(list.error().message().find("line 2") != std::string::npos);
    }
}

TEST_CASE("a client is put in the place of its namesake, and a key belongs to one name") {
    AllowList list;
    REQUIRE(list.put({"desk", Right::read, k_desk}).has_value());
    REQUIRE(list.put({"desk", Right::operate, k_desk}).has_value());
    CHECK(list.clients().size() == 1);
    CHECK(list.find(k_desk)->right == Right::operate);
    CHECK_FALSE(list.put({"wall", Right::read, k_desk}).has_value());
    REQUIRE(list.put({"desk", Right::read, k_wall}).has_value());
    CHECK(list.find(k_desk) == nullptr);
    CHECK_FALSE(list.remove("wall"));
    CHECK(list.remove("desk"));
    CHECK(list.clients().empty());
}

TEST_CASE("a secret key is in a file of its owner alone, which gives the public key back") {
    const test::TemporaryDirectory directory;
    const auto path = directory.path() + "/own.key";
    const auto pair = make_key_pair();
    REQUIRE(pair.has_value());
    CHECK(is_public_key(pair->public_key));
    REQUIRE(write_secret_key(path, *pair).has_value());
    CHECK_FALSE(write_secret_key(path, *pair).has_value());
    const auto read = read_key_pair(path);
    REQUIRE(read.has_value());
    CHECK(read->public_key == pair->public_key);
    CHECK(same_bytes(read->secret, pair->secret));
    test::write_text(path, "no key\n");
    CHECK_FALSE(read_key_pair(path).has_value());
}
