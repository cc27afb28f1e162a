// What of Boost.Asio and Boost.Beast is no template, compiled once.
#include <boost/asio/impl/src.hpp>
#include <boost/beast/src.hpp>
