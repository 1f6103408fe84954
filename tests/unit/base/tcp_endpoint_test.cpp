#include "common/base/tcp_endpoint.hpp"

#include <doctest/doctest.h>

using namespace bullpen;

TEST_CASE("a place on a network is read as it is written") {
    for (const auto* text : {"tcp://127.0.0.1:7070", "tcp://[2001:db8::7]:1", "tcp://desk.lan:0",
                             "tcp://0.0.0.0:65535"}) {
        const auto endpoint = tcp_endpoint_from(text);
        REQUIRE_MESSAGE(endpoint.has_value(), text);
        CHECK(text_of(*endpoint) == text);
    }
    CHECK(tcp_endpoint_from("tcp://[::1]:7070")->host == "::1");
    for (const auto* text :
         {"", "tcp://", "127.0.0.1:7070", "ipc://x:1", "tcp://127.0.0.1",
          "tcp://127.0.0.1:", "tcp://127.0.0.1:65536", "tcp://127.0.0.1:-1", "tcp://127.0.0.1:70x",
          "tcp://:7070", "tcp://[::1:7070", "tcp://::1:7070", "tcp://a b:1", "tcp://*:7070",
          "tcp://127.0.0.1;eth0:7070"})
        CHECK_FALSE_MESSAGE(tcp_endpoint_from(text).has_value(), text);
}
