// Wall time of `bullpen-calendar refresh` from its start to its end: six sources on this machine,
// asked, read, judged, merged and written, in a new home; and again, when nothing changed. The
// floor is the same program saying which sources there are.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <cstring>
#include <map>
#include <thread>

#include "bench/support/command_line.hpp"
#include "bench/support/json_line.hpp"
#include "bench/support/process.hpp"
#include "common/base/descriptor.hpp"
#include "tests/support/programs.hpp"
#include "tests/support/temporary.hpp"

namespace {

using namespace bullpen;
using namespace bullpen::bench;

constexpr int k_rounds = 31;
constexpr int k_listen_max = 64;
constexpr std::size_t k_request_max = 8192;  // bytes

struct Page {
    std::string_view source;
    std::string_view key;
    std::string_view file;
    std::string_view type;
};
constexpr Page k_pages[] = {
    {"fomc-html", "fomc_html_url", "fomc_new.html", "text/html"},
    {"fed-json", "fed_json_url", "fed.json", "application/json"},
    {"fed-rss", "fed_rss_url", "press_rss2.xml", "text/xml"},
    {"bls-ics", "bls_ics_url", "bls.ics", "text/calendar"},
    {"bea-json", "bea_json_url", "bea.json", "application/json"},
    {"bea-html", "bea_html_url", "bea.html", "text/html"},
};

// A server that answers "GET /SOURCE" with the source's body, each connection once.
class Server {
  public:
    Server() : listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
        for (const Page& page : k_pages) {
            const std::string body = test::read_text(
                test::source_directory() + "/tests/golden/calendar/" + std::string(page.file));
            require(!body.empty(), "the body of a source is there");
            answers_[std::string(page.source)] =
                "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Type: " + std::string(page.type) +
                "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
        }
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        auto* const plain = reinterpret_cast<sockaddr*>(&address);
        socklen_t size = sizeof address;
        require(::bind(listener_.get(), plain, size) == 0 &&
                    ::listen(listener_.get(), k_listen_max) == 0 &&
                    ::getsockname(listener_.get(), plain, &size) == 0,
                "a server of this machine listens");
        port_ = ntohs(address.sin_port);
        thread_ = std::thread([this] { serve(); });
    }
    ~Server() {
        ends_ = true;
        ::shutdown(listener_.get(), SHUT_RDWR);
        thread_.join();
    }
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;

    [[nodiscard]] std::string settings() const {
        std::string text = "[calendar]\ncontact = \"ops@example.net\"\n";
        for (const Page& page : k_pages)
            text += std::string(page.key) + " = \"http://127.0.0.1:" + std::to_string(port_) + "/" +
                    std::string(page.source) + "\"\n";
        return text;
    }

  private:
    void serve() {
        while (!ends_) {
            const Descriptor link(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
            if (link.get() >= 0)
                answer(link.get());
        }
    }
    void answer(int link) {
        std::string request;
        char block[k_request_max];
        while (request.find("\r\n\r\n") == std::string::npos && request.size() < k_request_max) {
            const auto got = ::recv(link, block, sizeof block, 0);
            if (got <= 0)
                return;
            request.append(block, static_cast<std::size_t>(got));
        }
        constexpr std::size_t k_path = 5;  // behind "GET /"
        const auto end = request.find(' ', k_path);
        const auto found = answers_.find(request.substr(k_path, end - k_path));
        if (found == answers_.end())
            return;
        std::string_view rest = found->second;
        while (!rest.empty()) {
            const auto sent = ::send(link, rest.data(), rest.size(), MSG_NOSIGNAL);
            if (sent <= 0)
                return;
            rest.remove_prefix(static_cast<std::size_t>(sent));
        }
    }

    Descriptor listener_;
    std::uint16_t port_ = 0;
    std::map<std::string, std::string> answers_;
    std::atomic<bool> ends_ = false;
    std::thread thread_;
};

double run_ms(const std::vector<std::string>& argv, const std::string& output) {
    const auto begin = mono_ns();
    const int code = wait_for(spawn(argv, output));
    const double took = ms(mono_ns() - begin);
    if (code != 0)
        std::fprintf(stderr, "%s", test::read_text(output).c_str());
    require(code == 0, "bullpen-calendar did its work");
    return took;
}

}  // namespace

int main(int argc, char**) try {
    require(argc == 1, "it takes no arguments");
    const Server server;
    const std::string program = test::program("bullpen-calendar");
    require(!program.empty(), "bullpen-calendar is built");
    std::vector<double> first;
    std::vector<double> again;
    std::vector<double> floors;
    for (int round = 0; round < k_rounds; ++round) {
        const test::TemporaryHome home;
        home.settings(server.settings());
        const std::vector<std::string> refresh = {program, "refresh", "--home", home.path()};
        const std::string output = home.path() + "/output";
        floors.push_back(run_ms({program, "sources"}, "/dev/null"));
        first.push_back(run_ms(refresh, output));
        // As if ten minutes had passed.
        ::unlink((home.path() + "/shared/calendar.attempts").c_str());
        again.push_back(run_ms(refresh, output));
    }
    JsonLine("calendar_refresh")
        .add("ms", median(first))
        .add("p99_ms", quantile(first, 0.99))
        .add("again_ms", median(again))
        .add("floor_ms", median(floors))
        .print();
    return 0;
} catch (const bullpen::bench::Unmeasured& why) {
    return bullpen::bench::give_up(why);
}
