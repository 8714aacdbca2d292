package lib.docker;

import java.security.SecureRandom;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLContextSpi;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLServerSocketFactory;
import javax.net.ssl.SSLSessionContext;
import javax.net.ssl.SSLSocketFactory;
import javax.net.ssl.TrustManager;

/**
 * For an engine on a socket. Where docker-java is given none, it loads the certificates of the whole world, used or
 * not: 0.13 s of each command (measured: its client is made in 200 ms with them, in 70 ms without).
 */
final class NoTls extends SSLContext {
    NoTls() { super(new Nothing(), null, "none"); }

    private static final class Nothing extends SSLContextSpi {
        @Override protected void engineInit(KeyManager[] k, TrustManager[] t, SecureRandom random) { throw none(); }
        @Override protected SSLSocketFactory engineGetSocketFactory() { throw none(); }
        @Override protected SSLServerSocketFactory engineGetServerSocketFactory() { throw none(); }
        @Override protected SSLEngine engineCreateSSLEngine() { throw none(); }
        @Override protected SSLEngine engineCreateSSLEngine(String host, int port) { throw none(); }
        @Override protected SSLSessionContext engineGetServerSessionContext() { throw none(); }
        @Override protected SSLSessionContext engineGetClientSessionContext() { throw none(); }

        private static IllegalStateException none() { return new IllegalStateException("a socket has no TLS"); }
    }
}
