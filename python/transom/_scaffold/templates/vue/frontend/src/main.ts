// The main window.
import { createApp } from "vue";
import MainWindow from "./MainWindow.vue";
import "./style.css";

createApp(MainWindow).mount("#app");
