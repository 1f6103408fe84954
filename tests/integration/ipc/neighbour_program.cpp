// ipc-neighbour-<version>: the codec of this tree built with another protocol version. Prints the
// range of versions it speaks and its hello and welcome; then reads one frame a line and answers
// with what it agrees on.
#include <iostream>
#include <string>

#include "ipc/codec.hpp"

using namespace bullpen;
using namespace bullpen::ipc;

int main() {
    const Hello hello{.account = AccountId::parse("mes01").value(),
                      .launch = LaunchToken{LaunchNumber{17}, Nonce{}},
                      .pid = 1};
    std::cout << k_protocol_min << ' ' << k_protocol << '\n'
              << encode(hello) << '\n'
              << encode(Welcome{}) << std::endl;
    for (std::string line; std::getline(std::cin, line);) {
        const auto message = decode(line);
        if (!message) {
            std::cout << message.error().message() << std::endl;
        } else if (const auto* theirs = std::get_if<Hello>(&*message)) {
            const auto agreed = agree_protocol(theirs->protocol_min, theirs->protocol_max);
            std::cout << (agreed ? std::to_string(*agreed) : "none") << std::endl;
        } else if (const auto* welcome = std::get_if<Welcome>(&*message)) {
            const bool known =
                welcome->protocol >= k_protocol_min && welcome->protocol <= k_protocol;
            std::cout << (known ? "welcomed" : "refused") << std::endl;
        }
    }
    return 0;
}
